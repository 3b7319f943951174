package spdiff

// Version is the version of this module: CHANGELOG.md says what each brought. Versions with the same second number train and
// draw the same bits.
const Version = "0.2.0"
