//go:build linux && amd64

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// As a child of these tests, the test binary is the program that runs under tilerun, or tilerun.
func TestMain(m *testing.M) {
	switch {
	case os.Getenv("TILERUN_TEST") == "":
		os.Exit(m.Run())
	case os.Getenv("TILERUN_TEST_CHILD") == "": // tilerun
		os.Setenv("TILERUN_TEST_CHILD", "yes")
		main()
	default:
		programs[os.Getenv("TILERUN_TEST")]()
	}
}

// under runs a program of this file under tilerun, and returns what it prints and the code that tilerun ends with.
func under(t *testing.T, program string) (stdout, stderr string, code int) {
	t.Helper()
	c := exec.Command(os.Args[0], os.Args[0])
	c.Env = append(os.Environ(), "TILERUN_TEST="+program)
	var out, err bytes.Buffer
	c.Stdout, c.Stderr = &out, &err
	c.Run()
	if code = c.ProcessState.ExitCode(); code == 125 {
		t.Skipf("SKIPPED: nothing can be run under tilerun here: %s", err.String())
	}
	return out.String(), err.String(), code
}

var programs = map[string]func(){
	"product": func() {
		request()
		fmt.Println(someProduct(true))
	},
	"threads": threads,
	"no permission": func() {
		someProduct(true)
	},
	"other permission": func() {
		_, _, e := unix.RawSyscall(unix.SYS_ARCH_PRCTL, requestPermission, 17, 0)
		_, _, other := unix.RawSyscall(unix.SYS_ARCH_PRCTL, 0x1004, 0, 0) // ARCH_GET_GS to no place
		fmt.Println(e != 0, other != 0)
	},
	"kept once": func() {
		request()
		someProduct(false)
	},
	"kept twice": func() {
		request()
		p := newProgram(false)
		call(append(p.code(), p.code()...))
		runtime.KeepAlive(p)
	},
	"rest": func() {
		request()
		call(opTileLoads[0])
	},
	"unmapped": func() {
		request()
		p := newProgram(true)
		p.x = nil
		p.run()
	},
	"foreign": func() {
		call([]byte{0x0f, 0x0b}) // ud2
	},
	"exit 7": func() { os.Exit(7) },
	"panic":  func() { panic("of the program") },
}

// Under tilerun a product is right, faults are faults, and what the program itself does comes through.
func TestRun(t *testing.T) {
	for _, test := range []struct {
		program, out, err string
		code              int
	}{
		{"product", wantProduct(), "", 0},
		{"threads", "right", "", 0},
		{"no permission", "", errPermission.Error(), 2},
		{"other permission", "true true", "", 0},
		{"kept once", "", "without tilerelease", 1},
		{"kept twice", "", errHeld.Error(), 2},
		{"rest", "", "tile 0 is not configured", 2},
		{"unmapped", "", "row 0 of tile 1: cannot read 64 bytes at 0x0", 2},
		{"foreign", "", "SIGILL: illegal instruction", 2},
		{"exit 7", "", "", 7},
		{"panic", "", "of the program", 2},
	} {
		t.Run(test.program, func(t *testing.T) {
			out, err, code := under(t, test.program)
			if strings.TrimSpace(out) != test.out || !strings.Contains(err, test.err) || test.err == "" && err != "" || code != test.code {
				t.Errorf("it printed %q and %q and ended with %d, want %q, %q and %d", out, err, code, test.out, test.err, test.code)
			}
		})
	}
}

// A wrong way of calling it is no code of the program's.
func TestUsage(t *testing.T) {
	if code, err := run([]string{"tilerun"}); code != 2 || err == nil {
		t.Errorf("without a program: %d (%v)", code, err)
	}
	if code, err := run([]string{"tilerun", filepath.Join(t.TempDir(), "none")}); code != 125 || err == nil {
		t.Errorf("with a program that there is not: %d (%v)", code, err)
	}
}

// On a machine with AMX, which would do the instructions itself, no program is run.
func TestRefusesAMX(t *testing.T) {
	defer func(was string) { cpuinfo = was }(cpuinfo)
	cpuinfo = filepath.Join(t.TempDir(), "cpuinfo")
	none := filepath.Join(t.TempDir(), "none") // a program that there is not
	for flags, want := range map[string]bool{"fpu avx512_bf16 amx_bf16 amx_tile": true, "fpu avx512_bf16": false} {
		if err := os.WriteFile(cpuinfo, []byte("model name\t: some\nflags\t\t: "+flags+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		code, err := run([]string{"tilerun", none})
		if code != 125 || errors.Is(err, errUnit) != want {
			t.Errorf("with %s: %d (%v)", flags, code, err)
		}
	}
}

// threads multiplies in many goroutines while garbage is collected and signals arrive.
func threads() {
	request()
	var wg sync.WaitGroup
	wrong := false
	for range 8 {
		wg.Go(func() {
			for range 20 {
				if someProduct(true) != wantProduct() {
					wrong = true
				}
				runtime.GC()
			}
		})
	}
	wg.Wait()
	if !wrong {
		fmt.Println("right")
	}
}

func request() {
	if _, _, e := unix.RawSyscall(unix.SYS_ARCH_PRCTL, requestPermission, tileData, 0); e != 0 {
		panic(e)
	}
}

// A program loads tiles 0, 1 and 2, multiplies, and stores.
type program struct {
	config  []byte
	z, x, y *[maxRows * maxBytes]byte
	release bool
}

//go:noinline
func newProgram(release bool) *program { // in the heap, which does not move
	full := [2]int{maxRows, maxBytes}
	p := &program{config(full, full, full), new([1024]byte), new([1024]byte), new([1024]byte), release}
	for i := range maxRows * 16 {
		binary.LittleEndian.PutUint32(p.z[4*i:], math.Float32bits(float32(i)))
		binary.LittleEndian.PutUint32(p.x[4*i:], math.Float32bits(float32(1+i%7))|uint32(i%128)<<7)
		binary.LittleEndian.PutUint32(p.y[4*i:], math.Float32bits(float32(i%5)-2)|uint32(i%64)<<7)
	}
	return p
}

// someProduct is a number made of the bits of a product, by the processor's instructions.
func someProduct(release bool) string {
	p := newProgram(release)
	p.run()
	return digest(p.z[:])
}

// wantProduct is the same by the unit alone.
func wantProduct() string {
	p := newProgram(true)
	var unit tiles
	unit.configure(p.config)
	for i, b := range []*[1024]byte{p.z, p.x, p.y} {
		for r := range maxRows {
			copy(unit.data[i][r][:], b[maxBytes*r:])
		}
	}
	unit.dot(0, 1, 2)
	var z []byte
	for r := range maxRows {
		z = append(z, unit.data[0][r][:]...)
	}
	return digest(z)
}

func digest(b []byte) string {
	var sum uint64
	for _, v := range b {
		sum = sum*0x100000001b3 + uint64(v)
	}
	return fmt.Sprintf("%016x", sum)
}

var (
	opLoadConfigRDI = []byte{0xc4, 0xe2, 0x78, 0x49, 0x07}
	opTileLoads     = [][]byte{{0xc4, 0xe2, 0x7b, 0x4b, 0x04, 0x07}, {0xc4, 0xe2, 0x7b, 0x4b, 0x0c, 0x07}, {0xc4, 0xe2, 0x7b, 0x4b, 0x14, 0x07}}
	opDot012        = []byte{0xc4, 0xe2, 0x6a, 0x5c, 0xc1}
	opTileStore0    = []byte{0xc4, 0xe2, 0x7a, 0x4b, 0x04, 0x07}
	opTileRelease   = []byte{0xc4, 0xe2, 0x78, 0x49, 0xc0}
)

func (p *program) run() {
	call(p.code())
	runtime.KeepAlive(p)
}

// code is the program's instructions, with places in them.
func (p *program) code() []byte {
	rdi := func(at unsafe.Pointer) []byte {
		return binary.LittleEndian.AppendUint64([]byte{0x48, 0xbf}, uint64(uintptr(at)))
	}
	code := append([]byte{0x48, 0xc7, 0xc0, 64, 0, 0, 0}, rdi(unsafe.Pointer(&p.config[0]))...) // mov rax, 64
	code = append(code, opLoadConfigRDI...)
	for i, b := range []*[1024]byte{p.z, p.x, p.y} {
		code = append(append(code, rdi(unsafe.Pointer(b))...), opTileLoads[i]...)
	}
	code = append(append(code, opDot012...), rdi(unsafe.Pointer(p.z))...)
	code = append(code, opTileStore0...)
	if p.release {
		code = append(code, opTileRelease...)
	}
	return code
}

// call runs machine code that uses RAX and RDI alone.
func call(code []byte) {
	page, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE|unix.PROT_EXEC, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		panic(err)
	}
	copy(page[copy(page, code):], []byte{0xc3}) // ret
	entry := uintptr(unsafe.Pointer(&page[0]))
	closure := unsafe.Pointer(&entry)
	(*(*func())(unsafe.Pointer(&closure)))()
	unix.Munmap(page)
}
