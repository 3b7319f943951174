package peak

import "runtime"

// taken returns the bytes that Go has from the system.
func taken() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}
