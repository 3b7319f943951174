// Package features says what a feature network is: it maps images to vectors, and sets of images are compared by these: Fréchet
// distances (tensor/metrics) are of them. Networks for one kind of image or another satisfy [Extractor]; a [Program] runs their
// graphs, a batch at a time, in memory that does not depend on the number of images or of callers.
package features
