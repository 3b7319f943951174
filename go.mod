module spdiff

go 1.26
