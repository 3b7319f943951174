package imagefolder

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// readClasses sets Class, Classes and ClassNames. The folders that all images are in, as an archive of one folder has, do not count.
func (l *List) readClasses(ctx context.Context) (err error) {
	top, names := split(l.Names)
	l.Class, err = l.readLabels(ctx, "", l.Names)
	if l.Class == nil && err == nil && top != "" {
		l.Class, err = l.readLabels(ctx, top, names)
	}
	if err != nil {
		return err
	}
	if l.Class == nil {
		l.Class = l.folders(names)
	}
	if l.Class != nil {
		l.Classes = slices.Max(l.Class) + 1
	}
	return nil
}

// split returns the folders that all names begin with, each with its slash, and what follows them.
func split(names []string) (top string, rest []string) {
	top = names[0]
	for _, name := range names {
		for !strings.HasPrefix(name, top) || !strings.HasSuffix(top, "/") && top != "" {
			top = top[:strings.LastIndexByte(strings.TrimSuffix(top, "/"), '/')+1]
		}
	}
	for _, name := range names {
		rest = append(rest, name[len(top):])
	}
	return top, rest
}

// folders returns the classes that the outermost folders tell: their numbers, if all are named by numbers, else their places
// in lexical order, which the names are in. It returns nil if an image is in no folder, or all are in one.
func (l *List) folders(names []string) []int {
	place := map[string]int{}
	var all, beside []string
	for _, name := range names {
		folder, _, inside := strings.Cut(name, "/")
		if !inside {
			beside = append(beside, name)
		} else if _, known := place[folder]; !known {
			place[folder] = len(all)
			all = append(all, folder)
		}
	}
	switch {
	case len(all) > 0 && len(beside) > 0:
		l.note("no classes: the images %s are beside the folders %s; classes are wanted where every image is in a folder", some(beside), some(all))
		return nil
	case len(all) < 2:
		return nil
	}
	l.name(all, place)
	class := make([]int, len(names))
	for i, name := range names {
		folder, _, _ := strings.Cut(name, "/")
		class[i] = place[folder]
	}
	return class
}

// name gives the folders their classes and the classes their names.
func (l *List) name(all []string, place map[string]int) {
	numbers := !slices.ContainsFunc(all, func(s string) bool { _, err := classNumber(s); return err != nil })
	if numbers {
		for _, folder := range all {
			place[folder], _ = classNumber(folder)
		}
	}
	most := 0
	for _, folder := range all {
		most = max(most, place[folder])
	}
	l.ClassNames = make([]string, most+1)
	for _, folder := range all {
		l.ClassNames[place[folder]] = folder
	}
	if numbers {
		l.note("classes by the numbers that the folders are named by: %s", some(all))
		return
	}
	var said []string
	for i, folder := range all[:min(len(all), 12)] {
		said = append(said, fmt.Sprintf("%d %.40q", i, folder))
	}
	if len(all) > len(said) {
		said = append(said, fmt.Sprintf("and %d more", len(all)-len(said)))
	}
	l.note("classes by the folders, in order: %s", strings.Join(said, ", "))
}

// maxClass is the greatest class.
const maxClass = 1<<20 - 1

// classNumber returns the class that a word of digits is.
func classNumber(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 20)
	return int(n), err
}
