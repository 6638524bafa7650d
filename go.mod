module github.com/graphwarden/graphwarden

go 1.26.0
