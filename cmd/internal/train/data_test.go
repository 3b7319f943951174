package train

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/grid"
	"spdiff/tensor/safetensors"
)

// pictures makes a folder of so many pictures, different ones for another seed.
func pictures(t *testing.T, folder string, n, seed int) {
	t.Helper()
	os.RemoveAll(folder)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		x := make([]float32, 16*16)
		for j := range x {
			x[j] = float32((i*37+j*seed)%200)/100 - 1
		}
		if err := grid.WriteSingle(filepath.Join(folder, itoa(i)+".png"), x, 16, 16, 1); err != nil {
			t.Fatal(err)
		}
	}
}

// does runs the command and fails unless it returns an error with the text, none where it is empty.
func does(t *testing.T, want string, args ...string) {
	t.Helper()
	err := Run(context.Background(), args)
	if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("%v: %v; want %q", args, err, want)
	}
}

// noted returns a note of the newest state in a folder, "" if it has none.
func noted(t *testing.T, folder, key string) string {
	t.Helper()
	paths, err := spdiff.Checkpoints(folder)
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	f, err := safetensors.ReadSealed(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	return f.Metadata["note/"+key]
}

// Images that moved are found where a call says, and from any directory; others are refused, whether there are as many of them, or
// run.json was changed to name them; they are taken where that is asked for, and the states note at which steps.
func TestMovedData(t *testing.T) {
	clitest.NeedsSIMD(t)
	dir := t.TempDir()
	t.Chdir(dir)
	pictures(t, "pictures", 5, 1)
	pictures(t, "others", 5, 3)
	pictures(t, "more", 7, 3)
	begin := with(tiny, "-data", "pictures", "-out", "a", "-steps", "10")
	does(t, "", begin...)
	os.Rename("pictures", "moved")
	for range 2 {
		does(t, "say where they are: -resume a -data PATH", with(quick, "-resume", "a", "-steps", "20")...)
		os.Mkdir("pictures", 0o755) // as an unmounted disk leaves it
	}
	os.Remove("pictures")
	does(t, "not those that the run has learned from", with(quick, "-resume", "a", "-data", "others", "-steps", "20")...)
	does(t, "name the same by", with(quick, "-resume", "a", "-data", "more", "-steps", "20")...)
	does(t, "", with(quick, "-resume", "a", "-data", "moved", "-steps", "20")...)
	os.Mkdir("elsewhere", 0o755)
	t.Chdir("elsewhere")
	does(t, "", with(quick, "-resume", "../a", "-steps", "30")...)
	t.Chdir(dir)
	os.Rename("moved", "pictures")
	begin[len(begin)-1] = "30"
	begin[len(begin)-3] = "b"
	does(t, "", begin...)
	if state(t, "a") != state(t, "b") {
		t.Error("the run whose images moved has another state")
	}

	spec, _ := os.ReadFile("b/run.json")
	os.WriteFile("b/run.json", []byte(strings.Replace(string(spec), "pictures", "others", 1)), 0o644)
	does(t, "not those that the run has learned from", with(quick, "-resume", "b", "-steps", "40")...)
	before := listing(t, "b")
	does(t, "", with(quick, "-n", "-resume", "b", "-new-data", "-data", "more", "-steps", "40")...)
	does(t, "", with(quick, "-n", "-resume", "b", "-new-data", "-data", "more", "-limit", "3", "-steps", "40")...)
	if listing(t, "b") != before {
		t.Error("-n wrote something")
	}
	does(t, "", with(quick, "-resume", "b", "-new-data", "-data", "more", "-steps", "40")...)
	does(t, "", with(quick, "-resume", "b", "-steps", "50")...)
	if newest(t, "b") != 50 {
		t.Errorf("the run with other images is at step %d", newest(t, "b"))
	}
	does(t, "", with(quick, "-resume", "b", "-new-data", "-data", "others", "-steps", "60")...)
	if moved, others := noted(t, "a", "changed"), noted(t, "b", "changed"); moved != "" || others != "30,50" {
		t.Errorf("other images are noted at steps %q where they only moved, and at %q, want 30,50", moved, others)
	}
}

// Of images that are where they were, one of them damaged, it is not said that they have moved.
func TestDamagedHaveNotMoved(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	pictures(t, "pictures", 3, 1)
	does(t, "", with(tiny, "-data", "pictures", "-out", "a", "-steps", "10")...)
	os.WriteFile("pictures/1.png", []byte("no picture"), 0o644)
	err := Run(t.Context(), with(quick, "-resume", "a", "-steps", "20"))
	if err == nil || strings.Contains(err.Error(), "have moved") || !strings.Contains(err.Error(), "1.png") {
		t.Error(err)
	}
}

// Generated images of another seed are others, although run.json says that they are the run's.
func TestEditedSpec(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	pictures(t, "pictures", 5, 1)
	does(t, "", with(tiny, "-data", "crops:pictures?size=16&n=50&seed=1", "-out", "a", "-steps", "10")...)
	spec, err := os.ReadFile("a/run.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to, want string }{
		{"seed=1", "seed=3", "not those that the run has learned from"},
		{`"limit": 0`, `"limit": 9`, "drew from 50 images and there are 9 now"},
		{`"limit": 0`, `"limit": 1e99`, "cannot unmarshal number 1e99"},
		{`"data"`, `"deta"`, `unknown field "deta"`},
		{"crops", "images", "images has no option"},
	} {
		edited := strings.Replace(string(spec), c.from, c.to, 1)
		if edited == string(spec) {
			t.Fatalf("run.json has no %s:\n%s", c.from, spec)
		}
		os.WriteFile("a/run.json", []byte(edited), 0o644)
		does(t, c.want, with(quick, "-resume", "a", "-steps", "20")...)
	}
	os.WriteFile("a/run.json", spec, 0o644)
	does(t, "", with(quick, "-resume", "a", "-steps", "20")...)
}

// What became of the images is said, file by file, and what to do; -new-data says it too, and goes on.
func TestWhichImages(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	pictures(t, "pictures", 5, 1)
	pictures(t, "others", 5, 3)
	does(t, "", with(tiny, "-data", "pictures", "-out", "a", "-steps", "10")...)
	again := with(quick, "-resume", "a", "-steps", "20")
	for _, c := range []struct{ from, to, want string }{
		{"others/0.png", "pictures/x.png", "images: 5 before, 6 now\n  added: \"x.png\"\nput them back, or name"},
		{"pictures/2.png", "2.png", "images: 5 before, 4 now\n  removed: \"2.png\"\n"},
		{"others/3.png", "pictures/3.png", "learned from\n  changed: \"3.png\"\n"},
		{"pictures/0.png", "pictures/9.png", "learned from\n  renamed: \"0.png\" to \"9.png\"\n"},
	} {
		os.Rename(c.from, c.to)
		does(t, c.want, again...)
		if c.want[0] == 'l' { // the last two: go on, and the next call finds them as they were
			out := clitest.Captured(t, func() { does(t, "", with(again, "-new-data")...) })
			if want := c.want[strings.Index(c.want, "\n"):]; !strings.Contains(out, want) {
				t.Errorf("%q, want %q", out, want)
			}
			does(t, "", again...)
			continue
		}
		os.Rename(c.to, c.from)
	}
	os.WriteFile("a/run.json", []byte(strings.Replace(text(t, "a/run.json"), `"limit": 0`, `"limit": 3`, 1)), 0o644)
	does(t, "its content has changed, or -limit takes another number of images", again...)
}

// A mark is of the images and not of their place; one number that differs tells, and so does a class.
func TestMark(t *testing.T) {
	base := blank{20, 0, 0}
	marks := map[string]blank{}
	for _, s := range []blank{base, {21, 0, 0}, {20, 19, 0}, {20, 0, 3}} {
		mark, err := markOf(t.Context(), s, "")
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := markOf(t.Context(), s, ""); again != mark {
			t.Error("it is not always the same")
		}
		if other, ok := marks[mark]; ok {
			t.Errorf("%v and %v have the same", s, other)
		}
		marks[mark] = s
	}
}

// The mark of a large set is of some of its images, the last among them, and of the files of all; that of a small one is of its images
// alone, wherever their numbers came from.
func TestMarkOfLargeSet(t *testing.T) {
	const n = 1 << 17
	mark := func(s blank, files string) string {
		m, err := markOf(t.Context(), s, files)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	large := mark(blank{n, 0, 0}, "a")
	if mark(blank{n, n - 1, 0}, "a") == large {
		t.Error("another last image has the same mark")
	}
	if mark(blank{n, 0, 0}, "b") == large {
		t.Error("other files have the same mark")
	}
	if mark(blank{20, 0, 0}, "a") != mark(blank{20, 0, 0}, "b") {
		t.Error("the same images of other files have another mark")
	}
}

// A blank has n images of zeros; odd is one that has a 1, its class is class.
type blank struct{ n, odd, class int }

func (b blank) Len() int             { return b.n }
func (b blank) Shape() (h, w, c int) { return 4, 4, 1 }
func (b blank) Image(dst []float32, i int) (int, error) {
	clear(dst)
	if i == b.odd && i > 0 {
		dst[15] = 1
	}
	if i == 7 {
		return b.class, nil
	}
	return 0, nil
}

// A model of each running mean is written, with the settings that the flags said, and models of steps 1, 2, 4, 8.
func TestAveragesAndKeep(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	pictures(t, "pictures", 5, 1)
	does(t, "", with(tiny, "-data", "pictures", "-out", "a", "-steps", "10", "-average", "0.9,0.5", "-ramp=false", "-decay", "200", "-floor", "0.1", "-keep", "1")...)
	m, err := spdiff.Load("a/" + modelFile)
	if err != nil {
		t.Fatal(err)
	}
	c := m.Config()
	if a := c.Optimiser.Averages; len(a) != 2 || a[0].Rate != 0.9 || a[1].Rate != 0.5 || a[0].Ramp || c.Rate.Total != 200 || c.Rate.Floor != 0.1 {
		t.Errorf("%+v, %+v", a, c.Rate)
	}
	var kept []string
	files, _ := os.ReadDir("a/" + modelsDir)
	for _, f := range files {
		kept = append(kept, f.Name())
	}
	if got := strings.Join(kept, " "); got != "step-000000001.safetensors step-000000002.safetensors step-000000004.safetensors step-000000008.safetensors" {
		t.Errorf("the models kept are %s", got)
	}
	does(t, "", "-resume", "a", "-model", "out.safetensors")
	does(t, "", "-resume", "a", "-model", "last.safetensors", "-average", "0")
	does(t, "with -average 0, its last weights", "-resume", "a", "-model", "last.safetensors", "-average", "0.9")
	last, err := spdiff.LoadState("a/state-000000010.safetensors", spdiff.Last)
	if err == nil {
		err = last.Save("want.safetensors")
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, pair := range [][2]string{{"a/model.safetensors", "out.safetensors"}, {"a/model-2.safetensors", "out-2.safetensors"}, {"want.safetensors", "last.safetensors"}} {
		if text(t, pair[0]) != text(t, pair[1]) {
			t.Errorf("%s is not %s", pair[1], pair[0])
		}
	}
	if out := text(t, "out.safetensors"); out == text(t, "out-2.safetensors") || out == text(t, "last.safetensors") {
		t.Error("the two means are the same, or the first is of the last weights")
	}
	does(t, "", "-resume", "a/state-000000000.safetensors", "-model", "first.safetensors")
}

func TestIsKept(t *testing.T) {
	for keep, want := range map[int]string{0: "", 1: "1 2 4 8 16 32 64", 2: "1 2 3 4 6 8 11 16 23 32 45 64"} {
		var got []string
		for n := range 65 {
			if isKept(n, keep) {
				got = append(got, itoa(n))
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("-keep %d: %v, want %s", keep, got, want)
		}
	}
	for k := range 31 {
		if !isKept(1<<k, 1) || !isKept(1<<k, 7) {
			t.Errorf("2^%d is not kept", k)
		}
	}
}

// A run that was killed when its steps were done, before its model was written, is finished by the next call.
func TestFinish(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	pictures(t, "pictures", 5, 1)
	does(t, "", with(tiny, "-data", "pictures", "-out", "a", "-steps", "20")...)
	whole := text(t, "a/"+modelFile)
	for _, name := range []string{modelFile, plotFile, logFile, csvFile} {
		os.Remove("a/" + name)
		does(t, "", "-resume", "a", "-steps", "20", "-samples", "2")
		if _, err := os.Stat("a/" + name); err != nil {
			if name == plotFile || name == modelFile {
				t.Error(err)
			}
		}
	}
	if text(t, "a/"+modelFile) != whole {
		t.Error("the model is another")
	}
	if _, err := os.Stat("a/samples/step-000020.png"); err != nil {
		t.Error(err)
	}
	said := clitest.Captured(t, func() { does(t, "", "-resume", "a", "-steps", "20", "-samples", "3") })
	if !strings.Contains(said, "samples: drawn already: "+filepath.Join("a", samplesDir, "step-000020.png")) {
		t.Errorf("it draws no other samples, and says %q", said)
	}
	does(t, "20 steps already", "-resume", "a", "-steps", "10")
}
