package cli

// MostThreads is more than any machine has cores.
const MostThreads = 1 << 12

// CheckThreads returns an error if a -threads flag has no sense; 0 stands for all cores.
func CheckThreads(n int) error {
	if n < 0 || n > MostThreads {
		return Usagef("-threads is %d; it is from 0, which uses all cores, to %d", n, MostThreads)
	}
	return nil
}
