package licences_test

import (
	"fmt"
	"strings"

	"spdiff/cmd/internal/licences"
)

func Example() {
	title, _, _ := strings.Cut(licences.Text(), "\n")
	fmt.Println(title)
	// Output: # Licences of what the binaries contain
}
