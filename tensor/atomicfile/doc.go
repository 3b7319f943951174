// Package atomicfile replaces files whole: a reader sees the old file or the new one, never a part, and after a crash of the
// machine too. Readers open them by Open, which takes regular files alone.
package atomicfile
