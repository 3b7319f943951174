package main

import (
	"fmt"
	"strconv"
	"strings"
)

// sizes is a flag of numbers of images between commas; 0, written as all, are all that there are.
type sizes []int

// String implements flag.Value.
func (s *sizes) String() string {
	var parts []string
	for _, n := range *s {
		parts = append(parts, sizeName(n))
	}
	return strings.Join(parts, ",")
}

// Set implements flag.Value.
func (s *sizes) Set(text string) error {
	*s = nil
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		switch {
		case strings.TrimSpace(part) == "all":
			n = 0
		case err != nil || n < 1:
			return fmt.Errorf("%q is no number of images; write 600,3000,all", part)
		}
		*s = append(*s, n)
	}
	return nil
}

// sizeName is how a size is written, and what its folder is called.
func sizeName(n int) string {
	if n == 0 {
		return "all"
	}
	return strconv.Itoa(n)
}

// words is a flag of words between commas.
type words []string

// String implements flag.Value.
func (w *words) String() string { return strings.Join(*w, ",") }

// Set implements flag.Value.
func (w *words) Set(text string) error {
	*w = nil
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			*w = append(*w, part)
		}
	}
	return nil
}
