// Package docs holds those of the documents that the program itself shows. They
// are files of the repository, so that an editor and a reader find the same.
package docs

import _ "embed"

//go:embed config.schema.json
var config string

//go:embed graphwarden.service
var unit string

// ConfigSchema is the JSON Schema of the configuration file.
func ConfigSchema() string { return config }

// Unit is the systemd unit.
func Unit() string { return unit }
