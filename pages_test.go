package spdiff_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A page is a text for people.
type page struct {
	path, text string
}

func readPage(t *testing.T, path string) page {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return page{path, strings.ReplaceAll(string(text), `\|`, "|")}
}

var (
	run    = regexp.MustCompile("go run \\./(cmd/\\w+)((?: [^ \n`#]+)*)")
	test   = regexp.MustCompile("go test((?: [^ \n`#]+)+)")
	span   = regexp.MustCompile("`([^`\n]+)`")
	link   = regexp.MustCompile(`\]\(([\w./-]+)(?:#[^)]*)?\)`)
	goFile = regexp.MustCompile(`^[\w./-]+\.(go|md)$`)
	code   = regexp.MustCompile(`(?m)^ {4}(.*)\bgo run(?: -tags \w+)? \./(cmd/\w+)([^#\n]*)`)
	before = regexp.MustCompile(`^(\w+=\S+ )*$`)
	remark = regexp.MustCompile(`(?m)^ {4}(?:go|docs/\w+\.sh) [^#\n]*[^# \n] {2,}[^# \n].*`)
)

// arguments are those that commands take beside their flags: those of bench begin the names of its cases.
var arguments = map[string]*regexp.Regexp{
	"cmd/bench":      regexp.MustCompile(`^(fma|gemm|conv3x3|tied3x3|unet|unet-wt|unet-gc|gan|solver|wrap|structure|inception)(/|$)`),
	"cmd/evaluate":   regexp.MustCompile(`\.npz$`),
	"cmd/experiment": regexp.MustCompile(`^(rotmnist|cells|lysto)$`),
	"cmd/features":   regexp.MustCompile(`^(digits|cells)$`),
}

// What the pages name is there: commands with their flags, tests, files. What is shown as code can be run as it stands, and pictures have
// words for those who do not see them.
func TestPages(t *testing.T) {
	z := readTree(t)
	all := z.tests(z.in("./..."))
	for _, path := range z.files {
		if filepath.Ext(path) != ".md" || strings.Contains(path, "testdata/") {
			continue
		}
		p := readPage(t, path)
		z.checkCommands(p)
		z.checkCode(p)
		if strings.Contains(p.text, "![](") {
			t.Errorf("%s: a picture has no words", path)
		}
		for _, m := range link.FindAllStringSubmatch(p.text, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), m[1])); err != nil {
				t.Errorf("%s: the link %s leads nowhere", path, m[1])
			}
		}
		for _, m := range span.FindAllStringSubmatch(p.text, -1) {
			if s := m[1]; aTest.MatchString(s) && !slices.Contains(all, s) {
				t.Errorf("%s: there is no %s", path, s)
			} else if goFile.MatchString(s) && !strings.HasPrefix(s, "name") && !z.has(s) {
				t.Errorf("%s: there is no file %s", path, s)
			}
		}
	}
}

// checkCommands checks the commands of a page.
func (z *tree) checkCommands(p page) {
	for _, m := range run.FindAllStringSubmatch(p.text, -1) {
		if len(z.in(m[1])) == 0 {
			z.t.Errorf("%s: there is no command %s", p.path, m[1])
			continue
		}
		flags := z.flags(m[1])
		for word := range strings.FieldsSeq(m[2]) {
			name, _, _ := strings.Cut(strings.Trim(word, "),.;"), "=")
			_, known := flags[strings.TrimLeft(name, "-")]
			if strings.HasPrefix(name, "-") && !(name[1:] >= "0" && name[1:] <= "9") && name != "-h" && name != "-version" && !known {
				z.t.Errorf("%s: %s has no flag %s: %s", p.path, m[1], name, m[0])
			}
		}
	}
	for _, m := range test.FindAllStringSubmatch(p.text, -1) {
		z.checkTests(p, m[0], strings.Fields(m[1]))
	}
}

// checkCode checks the lines of code that run something: a command is alone on its line, has no words that it does not take, and what is
// said of it comes after #.
func (z *tree) checkCode(p page) {
	for _, line := range remark.FindAllString(p.text, -1) {
		z.t.Errorf("%s: words stand beside a command without #: %s", p.path, line)
	}
	for _, m := range code.FindAllStringSubmatch(p.text, -1) {
		if !before.MatchString(m[1]) {
			z.t.Errorf("%s: a command is not alone on its line: %s", p.path, m[0])
		}
		for _, word := range unflagged(z.flags(m[2]), strings.Fields(m[3])) {
			if a := arguments[m[2]]; a == nil || !a.MatchString(word) {
				z.t.Errorf("%s: %s does not take %q: %s", p.path, m[2], word, m[0])
			}
		}
	}
}

// unflagged returns the words of a command that are neither flags nor values of flags.
func unflagged(flags map[string]bool, words []string) (rest []string) {
	for i := 0; i < len(words); i++ {
		switch w := words[i]; {
		case !strings.HasPrefix(w, "-"):
			rest = append(rest, w)
		case flags[strings.TrimLeft(w, "-")]:
			i++ // its value; that of -flag=value is in the word
		}
	}
	return rest
}

// checkTests checks the packages of a go test, and that each of what -run and -bench ask for is there.
func (z *tree) checkTests(p page, command string, words []string) {
	var files []string
	var patterns []string
	for i, w := range words {
		w = strings.Trim(w, ",;")
		if w == "." || strings.HasPrefix(w, "./") {
			in := z.in(w)
			if files = append(files, in...); len(in) == 0 {
				z.t.Errorf("%s: there is no package %s: %s", p.path, w, command)
			}
		}
		if (w == "-run" || w == "-bench") && i+1 < len(words) && words[i+1] != "'^$'" {
			patterns = append(patterns, strings.Split(strings.Trim(words[i+1], "'"), "|")...)
		}
	}
	tests := z.tests(files)
	for _, one := range patterns {
		if r, err := regexp.Compile(one); err != nil || !slices.ContainsFunc(tests, r.MatchString) {
			z.t.Errorf("%s: no test is called %s: %s", p.path, one, command)
		}
	}
}

// The rows of docs/gan.md are held by what is there.
func TestGANPage(t *testing.T) { checkRows(t, "docs/gan.md") }

// checkRows checks that each row of five cells has a file with what it is said to declare, a test in the file that is named before it,
// and a command. It returns what the rows are of.
func checkRows(t *testing.T, path string) (of string) {
	z := readTree(t)
	for row := range rowsOf(t, path) {
		of += row[0] + "\n"
		for column, tests := range map[int]bool{2: false, 3: true} {
			if n := z.declared(row[0], row[column], tests); n == 0 {
				t.Errorf("%s: nothing is named in %q", row[0], row[column])
			}
		}
		if !run.MatchString(row[4]) && !test.MatchString(row[4]) {
			t.Errorf("%s: no command shows it", row[0])
		}
	}
	if of == "" {
		t.Errorf("%s has no rows", path)
	}
	return of
}

// The table of docs/paper.md has every number of the paper.
func TestPaper(t *testing.T) {
	of := checkRows(t, "docs/paper.md")
	want := []string{"Example 1", "Lemma 1", "Proposition 1", "Corollary 1"}
	for i := range 19 {
		want = append(want, fmt.Sprintf("eq. %d", i+1))
	}
	for i := range 5 {
		want = append(want, fmt.Sprintf("Figure %d", i+1))
	}
	for i := range 4 {
		want = append(want, fmt.Sprintf("Table %d", i+1))
	}
	for _, w := range want {
		if !regexp.MustCompile(regexp.QuoteMeta(w) + `\b`).MatchString(of) {
			t.Errorf("docs/paper.md has no row of %s", w)
		}
	}
}

// rowsOf returns the rows of five cells of a page's tables, but for their heads.
func rowsOf(t *testing.T, path string) func(yield func([]string) bool) {
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return func(yield func([]string) bool) {
		for line := range strings.Lines(string(raw)) {
			line = strings.ReplaceAll(strings.TrimSpace(line), `\|`, "\x00")
			cells := strings.Split(strings.Trim(line, "|"), "|")
			if !strings.HasPrefix(line, "| ") || len(cells) != 5 || strings.HasPrefix(strings.TrimSpace(cells[2]), "held by") {
				continue
			}
			for i, c := range cells {
				cells[i] = strings.TrimSpace(strings.ReplaceAll(c, "\x00", "|"))
			}
			if !yield(cells) {
				return
			}
		}
	}
}

// declared checks that names in a cell are declared in the file before them, tests where tests are wanted, and returns how many.
func (z *tree) declared(row, cell string, tests bool) (n int) {
	file := ""
	for _, m := range span.FindAllStringSubmatch(cell, -1) {
		switch s := m[1]; {
		case goFile.MatchString(s) && !slices.Contains(z.files, s):
			z.t.Errorf("%s: there is no file %s", row, s)
		case goFile.MatchString(s):
			file = s
		case file == "":
			z.t.Errorf("%s: %s is in no file", row, s)
		case !slices.Contains(z.names(file), s) || tests != aTest.MatchString(s):
			z.t.Errorf("%s: %s does not declare %s", row, file, s)
		default:
			n++
		}
	}
	return n
}

// README.md calls Evaluate as an example does that is run, but for the number of samples.
func TestReadmeEvaluates(t *testing.T) {
	words := func(path string) string { return strings.Join(strings.Fields(readPage(t, path).text), " ") }
	_, call, ok := strings.Cut(words("README.md"), "q, err := spdiff.Evaluate(")
	call, _, _ = strings.Cut(call, "//")
	if !ok || !strings.Contains(words("evaluate_example_test.go"), strings.Replace(call, "10_000", "10", 1)) {
		t.Errorf("no example calls spdiff.Evaluate(%s", call)
	}
}
