package licences

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write THIRD_PARTY.md anew")

const file = "THIRD_PARTY.md"

// A part is a module in the binaries.
type part struct {
	path, version string
	dir           string
	packages      []string // folders of its packages that are linked
	commands      []string
}

// THIRD_PARTY.md is what follows from go.mod: a module that comes in, or a version that changes, needs it written anew.
func TestThirdParty(t *testing.T) {
	want := page(t)
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if text == want {
		return
	}
	have, lines := strings.Split(text, "\n"), strings.Split(want, "\n")
	for i, line := range lines {
		if i >= len(have) || have[i] != line {
			t.Fatalf("line %d should be %.200q; write it anew: go test ./cmd/internal/licences -update", i+1, line)
		}
	}
	t.Fatal("it goes on where it should end; write it anew: go test ./cmd/internal/licences -update")
}

// page returns what the file should be.
func page(t *testing.T) string {
	var b strings.Builder
	b.WriteString(`# Licences of what the binaries contain

The commands are SPDiff, the runtime and the library of Go, and the modules in the table, statically linked. The two networks of
features and the pages of serve that are embedded are SPDiff's own; Go's licence is that of golang.org/x/sys. ` + "`-licences`" + ` of every command prints this file.

| module | version | in |
|---|---|---|
`)
	parts := modules(t)
	all := len(slices.MaxFunc(parts, func(a, b part) int { return cmp.Compare(len(a.commands), len(b.commands)) }).commands)
	for _, p := range parts {
		in := strings.Join(p.commands, ", ")
		if len(p.commands) == all {
			in = "all"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", p.path, p.version, in)
	}
	b.WriteString("\nOf the two licences of freetype its FreeType License is chosen: portions of this software are copyright © The FreeType Project\n(www.freetype.org). All rights reserved. The fonts of liberation are under the SIL Open Font License.\n")
	notices, of := texts(t, append([]part{{path: "SPDiff", dir: "../../.."}}, parts...))
	for _, n := range notices {
		fmt.Fprintf(&b, "\n## %s\n\n```text\n%s\n```\n", strings.Join(of[n], ", "), n)
	}
	return b.String()
}

// A listed package is what go list says of one.
type listed struct {
	ImportPath, Name, Dir string
	Module                *struct {
		Path, Version, Dir string
		Main               bool
	}
	Deps []string
}

// modules returns those that are linked into the commands, with where they are. The binaries for Linux have all that others have.
func modules(t *testing.T) []part {
	all := map[string]listed{}
	d := json.NewDecoder(strings.NewReader(goList(t, "-deps", "-json=ImportPath,Name,Dir,Module,Deps", "spdiff/cmd/...")))
	for d.More() {
		var p listed
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all[p.ImportPath] = p
	}
	found := map[string]*part{}
	for _, command := range slices.Sorted(maps.Keys(all)) {
		if c := all[command]; c.Name == "main" {
			for _, path := range c.Deps {
				link(found, filepath.Base(command), all[path])
			}
		}
	}
	var parts []part
	for _, path := range slices.Sorted(maps.Keys(found)) {
		parts = append(parts, *found[path])
	}
	return parts
}

// link adds a package of a command to its module.
func link(found map[string]*part, command string, p listed) {
	m := p.Module
	if m == nil || m.Main {
		return
	}
	f := found[m.Path]
	if f == nil {
		f = &part{path: m.Path, version: m.Version, dir: m.Dir}
		found[m.Path] = f
	}
	f.packages = append(f.packages, p.Dir)
	if !slices.Contains(f.commands, command) {
		f.commands = append(f.commands, command)
	}
}

func goList(t *testing.T, args ...string) string {
	t.Helper()
	c := exec.Command("go", append([]string{"list"}, args...)...)
	c.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	out, err := c.Output()
	if err != nil {
		t.Skipf("SKIPPED: the licences are not checked: go list: %v", err)
	}
	return string(out)
}

// legal are the names of files with licences and notices. The GPL is that of freetype, of which the other licence is chosen.
var (
	legal    = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([.-].*)?$|^ftl\.txt$`)
	noNotice = []string{"LICENSE-link.txt"}
)

// texts returns the licences and notices of parts, each once, in order, and whose they are.
func texts(t *testing.T, parts []part) (all []string, of map[string][]string) {
	of = map[string][]string{}
	for _, p := range parts {
		files := p.legal(t)
		if len(files) == 0 {
			t.Errorf("%s has no licence", p.path)
		}
		for _, f := range files {
			b, err := os.ReadFile(filepath.Join(p.dir, f))
			if err != nil {
				t.Fatal(err)
			}
			text := strings.TrimSpace(strings.ReplaceAll(string(b), "\r\n", "\n"))
			if of[text] == nil {
				all = append(all, text)
			}
			of[text] = append(of[text], p.path+"/"+f)
		}
	}
	return all, of
}

// legal returns the files at the top of a part, in its folder of licences, and in those that its packages are in.
func (p part) legal(t *testing.T) (files []string) {
	folders := []string{".", "licenses"}
	for _, dir := range p.packages {
		for rel, err := filepath.Rel(p.dir, dir); err == nil && rel != "."; rel = filepath.Dir(rel) {
			folders = append(folders, rel)
		}
	}
	slices.Sort(folders)
	for _, folder := range slices.Compact(folders) {
		entries, err := os.ReadDir(filepath.Join(p.dir, folder))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Type()&fs.ModeType == 0 && legal.MatchString(e.Name()) && !slices.Contains(noNotice, e.Name()) {
				files = append(files, filepath.ToSlash(filepath.Join(folder, e.Name())))
			}
		}
	}
	return files
}

// Every module that is named has the version that go.mod has.
func TestVersions(t *testing.T) {
	mod, err := os.ReadFile("../../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^\| (\S+\.\S+) \| (v\S+) \|`).FindAllStringSubmatch(Text(), -1) {
		if !strings.Contains(string(mod), m[1]+" "+m[2]) {
			t.Errorf("%s %s is not in go.mod", m[1], m[2])
		}
	}
	if !strings.Contains(Text(), "SIL OPEN FONT LICENSE") || !strings.Contains(Text(), "The Go Authors") {
		t.Error("a licence is missing")
	}
}
