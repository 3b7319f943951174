package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
)

// A table is rows of cells of text; the first row is its head.
type table [][]string

func (t *table) row(cells ...string) { *t = append(*t, cells) }

// String returns the table as Markdown, "" if it has a head alone.
func (t table) String() string {
	if len(t) < 2 {
		return ""
	}
	var b strings.Builder
	for i, row := range t {
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			b.WriteString("|" + strings.Repeat("---|", len(row)) + "\n")
		}
	}
	return b.String()
}

// ends are the spaces at the ends of lines.
var ends = regexp.MustCompile(`(?m) +$`)

// plain returns the table for a terminal, in columns, "" if it has a head alone.
func (t table) plain() string {
	if len(t) < 2 {
		return ""
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, row := range t {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	w.Flush() // a strings.Builder takes all
	return ends.ReplaceAllString(b.String(), "")
}

// beside returns tables of the same rows as one, with their first column once.
func beside(tables ...table) (all table) {
	for k, t := range tables {
		for i, row := range t {
			if k == 0 {
				all.row(slices.Clone(row)...)
			} else {
				all[i] = append(all[i], row[1:]...)
			}
		}
	}
	return all
}

// section returns a heading, a paragraph and a table, nothing where there is no table.
func section(title, text string, t table) string {
	if body := t.String(); body != "" {
		return "## " + title + "\n\n" + strings.TrimSpace(text) + "\n\n" + body
	}
	return ""
}
