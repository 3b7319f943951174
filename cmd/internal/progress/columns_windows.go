package progress

import (
	"os"

	"golang.org/x/sys/windows"
)

// columns returns how many a terminal has; 0: that is not known.
func columns(f *os.File) int {
	var info windows.ConsoleScreenBufferInfo
	if err := windows.GetConsoleScreenBufferInfo(windows.Handle(f.Fd()), &info); err != nil {
		return 0
	}
	return int(info.Window.Right-info.Window.Left) + 1
}
