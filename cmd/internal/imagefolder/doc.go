// Package imagefolder makes a set of the pictures of a folder or a zip archive.
//
// What is kept in memory is the list of files, with their sizes and classes; a picture is read when it is wanted, so a set may
// be larger than memory. The headers of all files are read at the beginning, so that a picture that does not fit is an error
// then and not after hours. Only files within the folder are read: a symbolic link is followed within it, and is an error
// where it leads out. The folder of a run is no data. What is left out, and what follows from names, is said: [List.Notes].
package imagefolder
