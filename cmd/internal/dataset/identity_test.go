package dataset

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"spdiff/cmd/internal/packed"
)

// identity returns the identity of an argument, through its text.
func identity(t *testing.T, arg string) Identity {
	t.Helper()
	s, err := Open(t.Context(), arg)
	if err != nil {
		t.Fatal(err)
	}
	id, err := IdentityOf(s)
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParseIdentity(id.Text())
	if err != nil || !reflect.DeepEqual(back, id) {
		t.Fatalf("%+v comes back as %+v, %v", id, back, err)
	}
	return back
}

// Every kind has an identity, which is the same wherever the data are and however they are named.
func TestIdentity(t *testing.T) {
	dir := fixtures(t)
	b, err := os.ReadFile(lystoFile)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "cells.h5"), b, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	moved := filepath.Join(t.TempDir(), "moved")
	if err := os.CopyFS(moved, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	seen := map[string]string{}
	for _, arg := range []string{"mnist", "kaggle", "rotated.amat", "rotated.zip", "table.csv", "table.zip", "labelled", "labelled?channels=3", "folders", "array.npy", "arrays.npz",
		"npy:array.npy?range=-2,2", "crops:folders?size=2", "crops:folders?size=2&seed=1", "crops:folders?size=2&n=5", "crops:folders?size=2&scale=1.5",
		"cells.h5", "lysto:cells.h5?seed=1", "lysto:cells.h5?size=32"} {
		kind, path, _ := strings.Cut(arg, ":")
		if path == "" {
			kind, path = "", kind
		} else {
			kind += ":"
		}
		here := identity(t, arg)
		for _, at := range []string{filepath.Join(dir, path), "./" + path, "../" + filepath.Base(dir) + "/" + path, filepath.Join(moved, path)} {
			if there := identity(t, kind+at); there.Hash != here.Hash || Diff(here, there) != nil {
				t.Errorf("%s at %s: %v", arg, at, Diff(here, there))
			}
		}
		if twin, twice := seen[here.Hash]; twice {
			t.Errorf("%s is as %s", arg, twin)
		}
		if seen[here.Hash] = arg; len(here.Files) == 0 {
			t.Errorf("%s: %+v", arg, here)
		}
	}
	if a, b := identity(t, "labelled"), identity(t, "labelled.zip"); a.Hash != b.Hash {
		t.Errorf("an archive is not as its folder: %v", Diff(a, b))
	}
	if len(identity(t, "digits").Hash) != 16 {
		t.Error("digits have no identity")
	}
}

// What is another about the data is said in words.
func TestDiff(t *testing.T) {
	a, b, c := grey(2, 2, 1), grey(2, 2, 200), grey(2, 2, 90)
	before := map[string]string{"x/a.png": a, "y/b.png": b}
	for want, now := range map[string]map[string]string{
		`added: "y/c.png"`:                {"x/a.png": a, "y/b.png": b, "y/c.png": c},
		`removed: "y/b.png"`:              {"x/a.png": a, "y/c.png": c},
		`changed: "y/b.png"`:              {"x/a.png": a, "y/b.png": c},
		`renamed: "y/b.png" to "y/d.png"`: {"x/a.png": a, "y/d.png": b},
		"the classes of the images":       {"x/a.png": a, "y/b.png": b, "dataset.json": `{"labels": {"x/a.png": 1, "y/b.png": 0}}`},
		"images: 2 before, 3 now":         {"x/a.png": a, "y/b.png": b, "z/c.png": c},
		"rows, columns, channels":         {"x/a.png": grey(3, 3, 1), "y/b.png": grey(3, 3, 1)},
	} {
		lines := Diff(identity(t, write(t, before)), identity(t, write(t, now)))
		if text := strings.Join(lines, "\n"); !strings.Contains(text, want) {
			t.Errorf("%q, want %q", text, want)
		}
	}
	dir := write(t, before)
	lines := Diff(identity(t, "crops:"+dir+"?size=2"), identity(t, "crops:"+dir+"?size=2&seed=7"))
	if len(lines) != 1 || lines[0] != `options: "scale=1&seed=0" before, "scale=1&seed=7" now` {
		t.Errorf("%q", lines)
	}
	if _, err := ParseIdentity("{"); err == nil {
		t.Error("half an identity is read")
	}
}

// A text has a bound: an identity of very many files is kept without their names.
func TestIdentityText(t *testing.T) {
	id := Identity{Kind: "images", Images: 1, Files: []packed.Stamp{{Name: strings.Repeat("long", maxText/4)}}}.sealed()
	back, err := ParseIdentity(id.Text())
	if err != nil || back.Files != nil || back.Hash != id.Hash {
		t.Errorf("%d files come back, %v", len(back.Files), err)
	}
}
