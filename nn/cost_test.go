package nn

import "testing"

// The multiply-adds that PyTorch's hooks count in the presets.
func TestMultiplyAdds(t *testing.T) {
	for _, c := range []struct {
		name string
		want int64
	}{{"digits-s", 317114112}, {"digits-m", 1885443072}, {"cells", 5902123008}} {
		config, err := Preset(c.name)
		if err != nil {
			t.Fatal(err)
		}
		if got := config.MultiplyAdds(); got != c.want {
			t.Errorf("%s: %d multiply-adds, want %d", c.name, got, c.want)
		}
	}
}
