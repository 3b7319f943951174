// Package features says what a feature network is: it maps an image to a vector, in which sets of images are compared (the Fréchet
// distances of package inception's users). Networks for one kind of image or another satisfy [Extractor]; a [Program] runs their
// graphs, a batch at a time, in memory that does not depend on the number of images or of callers.
package features
