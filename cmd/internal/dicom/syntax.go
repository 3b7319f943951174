package dicom

import (
	"fmt"

	"spdiff/cmd/internal/packed"
)

// The transfer syntaxes that are read.
const (
	implicitLE = "1.2.840.10008.1.2"
	explicitLE = "1.2.840.10008.1.2.1"
	deflatedLE = "1.2.840.10008.1.2.1.99"
	explicitBE = "1.2.840.10008.1.2.2"
	rle        = "1.2.840.10008.1.2.5"
	jpegBase   = "1.2.840.10008.1.2.4.50"
)

// A Syntax is a transfer syntax: how the bytes of a data set are laid out.
type Syntax struct {
	UID, Name string
}

// read has the syntaxes that are read.
var read = []Syntax{
	{implicitLE, "Implicit VR Little Endian"},
	{explicitLE, "Explicit VR Little Endian"},
	{deflatedLE, "Deflated Explicit VR Little Endian"},
	{rle, "RLE Lossless"},
	{jpegBase, "JPEG Baseline"},
}

// Commands that make a file of another syntax one that is read: of dcmtk, and of GDCM for what dcmtk cannot do.
const (
	toLittle  = "dcmconv +te IN.dcm OUT.dcm"
	unJPEG    = "dcmdjpeg IN.dcm OUT.dcm"
	unJPEGLS  = "dcmdjpls IN.dcm OUT.dcm"
	unJPEG2K  = "gdcmconv --raw IN.dcm OUT.dcm"
	noCommand = ""
)

// others has the syntaxes that are known and not read, each with the command that converts.
var others = []struct{ uid, name, command string }{
	{explicitBE, "Explicit VR Big Endian", toLittle},
	{"1.2.840.10008.1.2.4.51", "JPEG Extended, 12 bits", unJPEG},
	{"1.2.840.10008.1.2.4.53", "JPEG Spectral Selection", unJPEG},
	{"1.2.840.10008.1.2.4.55", "JPEG Full Progression", unJPEG},
	{"1.2.840.10008.1.2.4.57", "JPEG Lossless", unJPEG},
	{"1.2.840.10008.1.2.4.70", "JPEG Lossless, first-order prediction", unJPEG},
	{"1.2.840.10008.1.2.4.80", "JPEG-LS Lossless", unJPEGLS},
	{"1.2.840.10008.1.2.4.81", "JPEG-LS Near-Lossless", unJPEGLS},
	{"1.2.840.10008.1.2.4.90", "JPEG 2000 Lossless", unJPEG2K},
	{"1.2.840.10008.1.2.4.91", "JPEG 2000", unJPEG2K},
	{"1.2.840.10008.1.2.4.92", "JPEG 2000 Multi-component Lossless", unJPEG2K},
	{"1.2.840.10008.1.2.4.93", "JPEG 2000 Multi-component", unJPEG2K},
	{"1.2.840.10008.1.2.4.94", "JPIP Referenced", noCommand},
	{"1.2.840.10008.1.2.4.95", "JPIP Referenced Deflate", noCommand},
	{"1.2.840.10008.1.2.4.100", "MPEG2 Main Profile", noCommand},
	{"1.2.840.10008.1.2.4.101", "MPEG2 High Profile", noCommand},
	{"1.2.840.10008.1.2.4.102", "MPEG-4 High Profile", noCommand},
	{"1.2.840.10008.1.2.4.103", "MPEG-4 BD-compatible", noCommand},
	{"1.2.840.10008.1.2.4.107", "HEVC Main Profile", noCommand},
	{"1.2.840.10008.1.2.4.108", "HEVC Main 10 Profile", noCommand},
	{"1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000 Lossless", noCommand},
	{"1.2.840.10008.1.2.4.202", "High-Throughput JPEG 2000 RPCL Lossless", noCommand},
	{"1.2.840.10008.1.2.4.203", "High-Throughput JPEG 2000", noCommand},
}

// A SyntaxError says that a file has a transfer syntax that is not read.
type SyntaxError struct {
	Syntax
	Command string // that makes a file which is read; "" where none is known
}

// Error names the syntax and what to do.
func (e *SyntaxError) Error() string {
	name, uid := e.Name, packed.Printable(e.UID)
	if name == "" {
		name = "unknown"
	}
	if e.Command == noCommand {
		return fmt.Sprintf("the transfer syntax %.80s (%s) is not read; convert the file to Explicit VR Little Endian (%s)", uid, name, explicitLE)
	}
	return fmt.Sprintf("the transfer syntax %.80s (%s) is not read; convert the file: %s", uid, name, e.Command)
}

// syntaxOf returns the syntax of a UID, or a *SyntaxError.
func syntaxOf(uid string) (Syntax, error) {
	for _, s := range read {
		if s.UID == uid {
			return s, nil
		}
	}
	for _, s := range others {
		if s.uid == uid {
			return Syntax{}, &SyntaxError{Syntax{uid, s.name}, s.command}
		}
	}
	return Syntax{}, &SyntaxError{Syntax{UID: uid}, noCommand}
}

// encapsulated reports whether pixels are compressed, in fragments.
func (s Syntax) encapsulated() bool { return s.UID == rle || s.UID == jpegBase }

// explicit reports whether elements say their value representation.
func (s Syntax) explicit() bool { return s.UID != implicitLE }

// written is the syntax of what is made of a file: its own, without compression.
func (s Syntax) written() string {
	if s.explicit() {
		return explicitLE
	}
	return implicitLE
}
