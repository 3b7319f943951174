package nn

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"spdiff/group"
)

// Through a file and back every bit comes back; and the file loads into a plain network, an ADM U-Net of the groups and heads that the
// network says it has, which then computes the same, but for rounding.
func TestRegularWeights(t *testing.T) {
	for _, g := range group.All() {
		c := regularSmall(g, 8, 8)
		u := randomUNet(t, c, 1)
		plain := u.Config
		plain.Group, plain.Features = group.C1, Scalar
		checkFile(t, "the weights of regular features over "+g.Name(), Weights(u.params, nil), u, randomUNet(t, c, 2), randomUNet(t, plain, 3))
	}
}

// A file that claims a tie that it does not have: the parameter and the two places are named, whatever the parameter.
func TestRegularTieErrors(t *testing.T) {
	u := randomUNet(t, regularSmall(group.C4, 8, 8), 1)
	for _, p := range u.params {
		if p.File.Size() == p.Len() {
			continue // not tied
		}
		f := Weights(u.params, nil)
		v := f.Get(p.Name).Data()
		at := len(v) - 1
		v[at] = math.Nextafter32(v[at], 9)
		err := SetWeights(u.params, f)
		var tie *TieError
		if !errors.As(err, &tie) || tie.Name != p.Name || fmt.Sprint(tie.Other) != fmt.Sprint(p.place(at)) || tie.Got != v[at] {
			t.Errorf("%s: the error is %v", p.Name, err)
		}
		if i, j := p.indexOf(tie.First), p.indexOf(tie.Other); i == j || p.valueAt(i) != p.valueAt(j) {
			t.Errorf("%s: %v and %v are not tied", p.Name, tie.First, tie.Other)
		}
	}
	c := u.Config.Fitted()
	c.Group, c.Features = group.C1, Scalar
	plain := randomUNet(t, c, 1)
	if err := SetWeights(u.params, Weights(plain.params, nil)); err == nil || !strings.Contains(err.Error(), "input_blocks.0.0.weight") {
		t.Errorf("a plain network's weights: %v", err)
	}
}

// indexOf is place backwards; valueAt the place in the value of element f of the file.
func (p *Param) indexOf(at []int) (f int) {
	for d, i := range at {
		f = f*p.File[d] + i
	}
	return f
}

func (p *Param) valueAt(f int) (at int) {
	p.each(func(file, value int) bool {
		at = value
		return file < f
	})
	return at
}

// Parameters counts the numbers that are trained; multiply-adds are those of a plain network of the same width, but for FiLM.
func TestRegularCosts(t *testing.T) {
	for _, name := range Presets() {
		for _, g := range group.All()[1:] {
			c, _ := Preset(name)
			plain := c
			c.Group, c.Features = g, Regular
			u, err := NewUNet(c)
			if err != nil {
				t.Errorf("%s over %v: %v", name, g, err)
				continue
			}
			total, film := 0, int64(0)
			for _, p := range u.params {
				total += p.Len()
				if strings.HasSuffix(p.Name, "emb_layers.1.weight") {
					film += int64(p.File.Size() - p.Len())
				}
			}
			if c.Parameters() != int64(total) {
				t.Errorf("%s over %v: Parameters says %d, there are %d", name, g, c.Parameters(), total)
			}
			if got, want := c.MultiplyAdds(), plain.MultiplyAdds()-film; got != want {
				t.Errorf("%s over %v: %d multiply-adds, want %d", name, g, got, want)
			}
		}
	}
}

// The representation stands by its name in JSON; older files without it mean scalars; a width that planes do not divide is
// refused with one that they do.
func TestRegularConfig(t *testing.T) {
	c := Cells()
	c.Group, c.Features = group.D4, Regular
	text, err := json.Marshal(c)
	if err != nil || !strings.Contains(string(text), `"features":"regular"`) {
		t.Errorf("%s, %v", text, err)
	}
	var back UNetConfig
	if err := json.Unmarshal(text, &back); err != nil || fmt.Sprint(back) != fmt.Sprint(c) {
		t.Errorf("%+v became %+v on its way through JSON: %v", c, back, err)
	}
	old := strings.Replace(string(text), `"features":"regular",`, "", 1)
	back = UNetConfig{}
	if err := json.Unmarshal([]byte(old), &back); err != nil || back.Features != Scalar {
		t.Errorf("without features it is %v, %v", back.Features, err)
	}
	if err := json.Unmarshal([]byte(`{"features":"spinor"}`), &back); err == nil || !strings.Contains(err.Error(), `no representation "spinor"; there are scalar and regular`) {
		t.Errorf("an unknown representation: %v", err)
	}
	c.Width = 36
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "width is 36; regular features over D4 are 8 planes of equal size; 40 would do") {
		t.Errorf("a width of 36: %v", err)
	}
	c = DigitsS()
	c.Group, c.Features = group.D4, Regular
	if f := c.Fitted(); f.Groups != 4 || f.Head != 8 {
		t.Errorf("digits-s over D4 has %d groups and heads of %d; want 4 and 8", f.Groups, f.Head)
	} else if again := f.Fitted(); again.Groups != f.Groups || again.Head != f.Head {
		t.Errorf("fitted twice it has %d groups and heads of %d", again.Groups, again.Head)
	}
}

// Layers of regular fields refuse what they cannot map.
func TestRegularFieldErrors(t *testing.T) {
	g := grid(t, group.C4, 8, 8)
	for name, f := range map[string]func(){
		"planes that do not divide": func() { NewConv2D("c", Regulars(g, 6), Scalars(g, 2), 3) },
		"norm groups across planes": func() { NewGroupNorm("n", Regulars(g, 8), 4) },
		"norm of uneven planes":     func() { NewGroupNorm("n", Regulars(g, 6), 1) },
		"heads across planes":       func() { NewAttention("a", Regulars(g, 8), 4, 2) },
		"an even kernel":            func() { NewConv2D("c", Regulars(g, 8), Regulars(g, 8), 2) },
		"a change of the group":     func() { NewConv2D("c", Regulars(g, 8), Regulars(grid(t, group.D4, 8, 8), 8), 3) },
	} {
		func() {
			defer func() {
				if _, ok := recover().(*FieldError); !ok {
					t.Errorf("%s: no *FieldError", name)
				}
			}()
			f()
		}()
	}
}
