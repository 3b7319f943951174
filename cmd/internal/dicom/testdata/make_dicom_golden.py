"""Makes the golden files of package dicom, a few hundred bytes to a few KB each.

    python3 make_dicom_golden.py FOLDER

Needs pydicom 2.3, numpy, Pillow, dcmtk 3.6 and gdcmconv. Value (frame f, row y, column x, sample s) is

    (7919 f + 131 y + 31 x + 17 s + y x²) mod 2^stored, minus 2^(stored-1) where there is a sign,

which the Go test computes again; of JPEG it is a ramp, 8 y + 4 x + 40 s + 20 f.
"""
import io
import os
import subprocess
import sys
import warnings

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGBaseline8Bit,
                         RLELossless)

warnings.simplefilter("ignore")
folder = sys.argv[1]
ROWS, COLUMNS = 5, 6


def values(frames, samples, stored, signed, rows=ROWS, columns=COLUMNS):
    f, y, x, s = np.meshgrid(np.arange(frames), np.arange(rows), np.arange(columns), np.arange(samples), indexing="ij")
    v = (7919 * f + 131 * y + 31 * x + 17 * s + y * x * x) % (1 << stored)
    return v - (1 << (stored - 1)) * signed


def dataset(syntax, rows=ROWS, columns=COLUMNS):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    meta.MediaStorageSOPInstanceUID = "1.2.3.4.5"
    meta.TransferSyntaxUID = syntax
    meta.ImplementationClassUID = "1.2.3.4"
    d = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    d.is_little_endian, d.is_implicit_VR = True, syntax == ImplicitVRLittleEndian
    d.SOPClassUID, d.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    d.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
    d.StudyInstanceUID, d.SeriesInstanceUID = "1.2.3.4.6", "1.2.3.4.7"
    d.Modality, d.PatientName, d.PatientID = "OT", "Ramp^Golden", "1"
    d.StudyDate = d.StudyTime = d.AccessionNumber = d.StudyID = d.PatientBirthDate = d.PatientSex = ""
    d.ReferringPhysicianName, d.SeriesNumber, d.InstanceNumber, d.ConversionType = "", "1", "1", "WSD"
    d.Rows, d.Columns = rows, columns
    return d


def image(syntax, frames=1, samples=1, allocated=16, stored=None, high=None, signed=0, photometric="MONOCHROME2", planar=0, junk=0):
    d = dataset(syntax)
    stored = stored or allocated
    high = stored - 1 if high is None else high
    d.SamplesPerPixel, d.PhotometricInterpretation = samples, photometric
    d.BitsAllocated, d.BitsStored, d.HighBit, d.PixelRepresentation = allocated, stored, high, signed
    if frames > 1:
        d.NumberOfFrames = frames
    if samples > 1:
        d.PlanarConfiguration = planar
    v = values(frames, samples, stored, signed) << (high - stored + 1)
    if junk:  # bits that are no part of the value
        v = (v & ((1 << stored) - 1) << (high - stored + 1)) | junk
    if planar:
        v = v.transpose(0, 3, 1, 2)
    b = v.astype("<i8").astype("<u2" if allocated == 16 else "u1").tobytes()
    d.PixelData = b + b"\0" * (len(b) % 2)
    d["PixelData"].VR = "OW" if allocated == 16 else "OB"
    return d


def save(d, name, **how):
    d.save_as(os.path.join(folder, name), write_like_original=False, **how)


def sequences(d):
    """Elements that a reader must pass over: sequences in sequences, of defined and undefined lengths, and private ones."""
    one, two = Dataset(), Dataset()
    two.CodeValue, two.CodeMeaning = "A", "a code"
    one.CodeValue = "B"
    one.PurposeOfReferenceCodeSequence = Sequence([two])
    one["PurposeOfReferenceCodeSequence"].is_undefined_length = True
    two.is_undefined_length_sequence_item = True
    d.ConceptNameCodeSequence = Sequence([one, two])
    d.ConceptCodeSequence = Sequence([two])
    d["ConceptCodeSequence"].is_undefined_length = True
    d.add_new(0x00090010, "LO", "GOLDEN")
    d.add_new(0x00091001, "UN", b"\1\2\3\4")
    d.add_new(0x00091002, "OB", b"\5\6")
    d.DataSetTrailingPadding = b"\0" * 6


def numbers(d):
    d.RescaleSlope, d.RescaleIntercept = "2.5", "-1024"
    d.WindowCenter, d.WindowWidth = ["40", "300.5"], ["400", "2000"]
    d.WindowCenterWidthExplanation = ["SOFT", "WIDE"]
    d.SmallestImagePixelValue, d.LargestImagePixelValue = 0, 1
    d.LossyImageCompression = "00"


def jpeg(name, samples, frames, fragments, photometric, **how):
    rows, columns = 16, 24
    f, y, x, s = np.meshgrid(np.arange(frames), np.arange(rows), np.arange(columns), np.arange(samples), indexing="ij")
    v = (8 * y + 4 * x + 40 * s + 20 * f).clip(0, 255).astype("u1")
    d = dataset(JPEGBaseline8Bit, rows, columns)
    d.SamplesPerPixel, d.PhotometricInterpretation = samples, photometric
    d.BitsAllocated, d.BitsStored, d.HighBit, d.PixelRepresentation = 8, 8, 7, 0
    if samples > 1:
        d.PlanarConfiguration = 0
    if frames > 1:
        d.NumberOfFrames = frames
    files = []
    for i in range(frames):
        b = io.BytesIO()
        Image.fromarray(v[i] if samples > 1 else v[i, :, :, 0]).save(b, "JPEG", quality=95, **how)
        files.append(b.getvalue())
    d.PixelData = encapsulate(files, fragments_per_frame=fragments, has_bot=fragments > 1)
    d["PixelData"].is_undefined_length = True
    save(d, name)


def run(*command):
    subprocess.run([c if c[:1] != "@" else os.path.join(folder, c[1:]) for c in command], check=True)


E_, I_, D_ = ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian
d = image(E_, stored=12)
sequences(d)
numbers(d)
save(d, "explicit_u12.dcm")
d = image(I_, signed=1)
sequences(d)
save(d, "implicit_s16.dcm")
save(image(D_, allocated=8), "deflated_u8.dcm")
save(image(E_, frames=3, allocated=8, photometric="MONOCHROME1"), "mono1_u8_frames.dcm")
save(image(E_, stored=12, signed=1), "explicit_s12.dcm")
save(image(E_, stored=10, high=12, junk=0xE005), "overlay_u10.dcm")
save(image(E_, samples=3, allocated=8, photometric="RGB"), "rgb_pixels.dcm")
save(image(E_, samples=3, allocated=8, photometric="RGB", planar=1, frames=2), "rgb_planes.dcm")
save(image(E_, samples=3, allocated=16, photometric="RGB"), "rgb_u16.dcm")
save(image(E_, samples=3, allocated=8, photometric="YBR_FULL"), "ybr_full.dcm")
d = image(E_, stored=12, signed=1)
d.add_new(0x00280120, "SS", -2048 + 131)
save(d, "padding_s12.dcm")
for name, d in [("rle_u8.dcm", image(E_, allocated=8)), ("rle_s16_frames.dcm", image(E_, signed=1, frames=2)),
                ("rle_rgb.dcm", image(E_, samples=3, allocated=8, photometric="RGB", frames=2))]:
    d.compress(RLELossless)
    save(d, name)
d = image(I_, stored=12)
del d.file_meta, d.SOPClassUID, d.SOPInstanceUID
d.preamble = None
d.save_as(os.path.join(folder, "old_implicit.dcm"), write_like_original=True)
jpeg("jpeg_grey.dcm", 1, 1, 1, "MONOCHROME2")
jpeg("jpeg_frames.dcm", 1, 2, 3, "MONOCHROME2")
jpeg("jpeg_colour.dcm", 3, 1, 2, "YBR_FULL", subsampling=0)
jpeg("jpeg_colour_422.dcm", 3, 1, 1, "YBR_FULL_422", subsampling=1)

# What is not read.
run("dcmconv", "+tb", "@explicit_u12.dcm", "@not_big.dcm")
run("dcmcjpeg", "+e1", "@explicit_u12.dcm", "@not_lossless.dcm")
run("dcmcjpls", "@explicit_u12.dcm", "@not_jpegls.dcm")
run("dcmdjpeg", "@jpeg_grey.dcm", "@raw.dcm")
run("gdcmconv", "--j2k", "@raw.dcm", "@not_j2k.dcm")
os.remove(os.path.join(folder, "raw.dcm"))
d = image(E_, allocated=8, photometric="PALETTE COLOR")
for c in ("Red", "Green", "Blue"):
    d.add_new(c + "PaletteColorLookupTableDescriptor", "US", [256, 0, 16])
    d.add_new(c + "PaletteColorLookupTableData", "OW", np.arange(0, 65536, 256).astype("<u2").tobytes())
save(d, "not_palette.dcm")
