package events

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	goimage "image"
	"image/color"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// golden writes the file of testdata: two scalars of two steps and a picture.
func golden(t *testing.T, folder string) string {
	t.Helper()
	seconds := int64(1_700_000_000)
	now := func() time.Time { seconds++; return time.Unix(seconds, 250_000_000) }
	w, err := open(folder, 120, now)
	if err != nil {
		t.Fatal(err)
	}
	pic := goimage.NewRGBA(goimage.Rect(0, 0, 5, 3))
	pic.SetRGBA(2, 1, color.RGBA{200, 100, 50, 255})
	grey := goimage.NewGray(goimage.Rect(0, 0, 2, 7))
	for _, err := range []error{
		w.Scalars(130, Scalar{"train/loss", 0.25}, Scalar{"train/rate", 2e-3}),
		w.Scalars(300, Scalar{"train/loss", 0.125}),
		w.PNG(300, "samples", encode(t, pic)),
		w.PNG(301, "grey", encode(t, grey)),
		w.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return w.file.Name()
}

func encode(t *testing.T, pic goimage.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, pic); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What is written is, read by the specification alone, what testdata/golden.txt says. The picture's bytes depend on the
// version of image/png, so its checksum is not compared.
func TestGolden(t *testing.T) {
	if exec.Command("python3", "-c", "").Run() != nil {
		t.Skip("SKIPPED: event files are not read back: there is no python3")
	}
	out, err := exec.Command("python3", filepath.Join("testdata", "read_events.py"), golden(t, t.TempDir())).CombinedOutput()
	want, _ := os.ReadFile(filepath.Join("testdata", "golden.txt"))
	if err != nil || withoutSums(string(out)) != string(want) {
		t.Errorf("%v\n%swant\n%s", err, withoutSums(string(out)), want)
	}
}

func withoutSums(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		before, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ", sha256")
		b.WriteString(before + "\n")
	}
	return b.String()
}

// The masked CRC of known data: the CRC-32C of RFC 3720, and the record that TensorFlow begins each file with.
func TestRecord(t *testing.T) {
	crc := uint32(0x8a9136aa) // RFC 3720, B.4: 32 bytes of zeros
	if got := masked(make([]byte, 32)); got != (crc>>15|crc<<17)+0xa282ead8 {
		t.Errorf("masked CRC of zeros: %#x", got)
	}
	m := message{}.double(wallTime, 0).text(fileVersion, "brain.Event:2")
	if got := hex.EncodeToString(appendRecord(nil, m)[:12]); got != "1800000000000000a37f4b22" {
		t.Errorf("the head of a record of 24 bytes: %s", got)
	}
}

// A run that goes on writes on in its file, after the last whole record, whatever a crash made of what follows.
func TestOpenAgain(t *testing.T) {
	folder := t.TempDir()
	now := func() time.Time { return time.Unix(1_700_000_000, 0) }
	var want []byte
	for call, rubbish := range []string{"", "\x00\x00", strings.Repeat("\xff", 40), "\x18\x00\x00\x00\x00\x00\x00\x00\xa3\x7f\x4b\x22cut"} {
		w, err := open(folder, 10*call, now)
		if err != nil {
			t.Fatal(err)
		}
		if call == 0 {
			want = appendRecord(want, w.event(-1).text(fileVersion, "brain.Event:2"))
		}
		want = appendRecord(want, w.event(10*call+1).message(sessionLog, message{}.varint(status, start)))
		want = appendRecord(want, w.event(call).message(summary, message{}.message(value, message{}.text(tag, "x").float(simpleValue, 1))))
		if err := w.Scalars(call, Scalar{"x", 1}); err != nil {
			t.Fatal(err)
		}
		path := w.file.Name()
		w.Close()
		got, _ := os.ReadFile(path)
		if !bytes.Equal(got, want) {
			t.Fatalf("call %d: the file is\n%x, want\n%x", call, got, want)
		}
		os.WriteFile(path, append(got, rubbish...), 0o644)
	}
	if files, _ := os.ReadDir(folder); len(files) != 1 || files[0].Name() != "events.out.tfevents.1700000000.spdiff" {
		t.Errorf("the files are %v", files)
	}
	if _, err := Open(filepath.Join(folder, "none"), 0); err == nil {
		t.Error("no error for a folder that is not there")
	}
	os.Mkdir(filepath.Join(folder, "events.out.tfevents.9999999999.spdiff"), 0o777)
	if _, err := Open(folder, 0); err == nil || !strings.HasSuffix(err.Error(), "not a regular file; move it away") {
		t.Errorf("a folder in the file's place: %v; want that alone", err)
	}
}

// A file that cannot be read is an error, which a record that was cut short or is damaged is not: nothing that may be good is cut off.
func TestUnreadable(t *testing.T) {
	good := appendRecord(nil, message{}.text(tag, "x"))
	broken := errors.New("input/output error")
	for name, rest := range map[string]string{"at a record's beginning": "", "in its head": string(good[:5]), "in its data": string(good[:14])} {
		start := string(good) + rest
		if n, err := whole(io.MultiReader(strings.NewReader(start), iotest.ErrReader(broken))); err != broken {
			t.Errorf("%s: %d bytes, %v; want the error", name, n, err)
		}
		if n, err := whole(strings.NewReader(start)); err != nil || n != int64(len(good)) {
			t.Errorf("an end %s: %d bytes, %v; want %d", name, n, err, len(good))
		}
	}
}

// What could not be written is not lost, and not written twice.
func TestPending(t *testing.T) {
	w, err := open(t.TempDir(), 0, func() time.Time { return time.Unix(5, 0) })
	if err != nil {
		t.Fatal(err)
	}
	good := w.file
	full, err := os.Open(good.Name()) // for reading alone
	if err != nil {
		t.Fatal(err)
	}
	w.file = full
	for step := range 2 {
		if err := w.Scalars(step, Scalar{"x", 1}); err == nil {
			t.Fatal("no error")
		}
	}
	w.file = good
	if err := w.Scalars(2, Scalar{"x", 1}); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(good.Name())
	var want []byte
	want = appendRecord(want, w.event(-1).text(fileVersion, "brain.Event:2"))
	want = appendRecord(want, w.event(1).message(sessionLog, message{}.varint(status, start)))
	for step := range 3 {
		want = appendRecord(want, w.event(step).message(summary, message{}.message(value, message{}.text(tag, "x").float(simpleValue, 1))))
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the file is\n%x, want\n%x", got, want)
	}
}

func ExampleOpen() {
	folder, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(folder)
	w, err := Open(folder, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer w.Close()
	fmt.Println(w.Scalars(10, Scalar{"train/loss", 0.5})) // tensorboard --logdir folder
	// Output: <nil>
}
