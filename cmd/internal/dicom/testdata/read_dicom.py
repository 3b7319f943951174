"""Prints what pydicom reads of a file, for the tests: the transfer syntax, the UID in both places, the shape and the values, and how many
warnings there were.

    python3 read_dicom.py FILE.dcm
"""
import sys
import warnings

import pydicom

with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    d = pydicom.dcmread(sys.argv[1])
    for e in d.iterall():
        e.value
    v = d.pixel_array
print(d.file_meta.TransferSyntaxUID, d.file_meta.MediaStorageSOPInstanceUID, d.SOPInstanceUID, len(warned))
print(*v.shape)
shift = d.HighBit + 1 - d.BitsStored
v = v.astype("i8") >> shift  # pydicom leaves the bits beside the value
if d.BitsStored < 16 and not d.PixelRepresentation:
    v &= (1 << d.BitsStored) - 1
print(*v.flatten())
