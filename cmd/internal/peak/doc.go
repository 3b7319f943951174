// Package peak knows the most memory that this process has held at once.
package peak
