package imagefolder

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// labelsFile is where the labels are, beside the images: {"labels": [["folder/image.png", 3], …]}, the format of StyleGAN
// and EDM. Its paths are only compared with those of the images, never opened.
const labelsFile = "dataset.json"

// readLabels returns the class of each image by the labelsFile in a folder, nil if there is none or its labels are null. The
// names are relative to the folder, which is "" or ends in a slash.
func readLabels(files fs.FS, folder string, names []string) ([]int, error) {
	f, _, err := open(files, folder+labelsFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	class, err := labels(f, names)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", folder+labelsFile, err)
	}
	return class, nil
}

// A label is a pair of the list.
type label struct {
	name  string
	class int
}

// UnmarshalJSON reads ["path", class].
func (l *label) UnmarshalJSON(text []byte) error {
	var pair []json.RawMessage
	if err := json.Unmarshal(text, &pair); err != nil || len(pair) != 2 {
		return fmt.Errorf("%.60q is no [\"path\", class]", text)
	}
	if err := json.Unmarshal(pair[0], &l.name); err != nil {
		return fmt.Errorf("the path %.60q is no text", pair[0])
	}
	if err := json.Unmarshal(pair[1], &l.class); err != nil || l.class < 0 || l.class > maxClass {
		return fmt.Errorf("the class %.60q of %q is no whole number from 0 to %d", pair[1], l.name, maxClass)
	}
	return nil
}

// labels returns the class of each image by a text; images that are not in the folder may have some too.
func labels(r io.Reader, names []string) ([]int, error) {
	var text struct{ Labels []label }
	d := json.NewDecoder(r)
	if err := d.Decode(&text); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows the JSON object")
	}
	if text.Labels == nil {
		return nil, nil
	}
	classes := make(map[string]int, len(text.Labels))
	for _, l := range text.Labels {
		if _, twice := classes[l.name]; twice {
			return nil, fmt.Errorf("%q comes twice", l.name)
		}
		classes[l.name] = l.class
	}
	of := make([]int, len(names))
	for i, name := range names {
		class, ok := classes[name]
		if !ok {
			return nil, fmt.Errorf("%q has no label", name)
		}
		of[i] = class
	}
	return of, nil
}
