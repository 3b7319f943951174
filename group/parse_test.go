package group

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, g := range All() {
		for _, name := range []string{g.Name(), strings.ToLower(g.Name()), g.String()} {
			if got, err := Parse(name); err != nil || got != g {
				t.Errorf("Parse(%q) = %v, %v", name, got, err)
			}
		}
	}
	_, err := Parse("C3")
	if err == nil {
		t.Fatal("there is a C3")
	}
	for _, g := range All() {
		if !strings.Contains(err.Error(), g.Name()) {
			t.Errorf("the error does not list %v: %v", g, err)
		}
	}
}

func TestJSON(t *testing.T) {
	type config struct{ Group Group }
	for _, g := range All() {
		data, err := json.Marshal(config{g})
		if err != nil || string(data) != `{"Group":"`+g.Name()+`"}` {
			t.Fatalf("%v becomes %s, %v", g, data, err)
		}
		var c config
		if err := json.Unmarshal(data, &c); err != nil || c.Group != g {
			t.Errorf("%s becomes %v, %v", data, c.Group, err)
		}
	}
	c := config{C4}
	if err := json.Unmarshal([]byte(`{"Group":"D5"}`), &c); err == nil || c.Group != C4 {
		t.Errorf("D5 became %v, %v", c.Group, err)
	}
}
