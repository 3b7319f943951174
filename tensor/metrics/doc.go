// Package metrics measures how far sets of images, or of their features, are apart.
package metrics
