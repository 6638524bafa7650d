package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// published is Microsoft's permissions.json, as far as the catalogue needs it.
type published struct {
	Permissions map[string]publishedPermission `json:"permissions"`
}

type publishedPermission struct {
	AuthorizationType string                     `json:"authorizationType"`
	Schemes           map[string]publishedScheme `json:"schemes"`
	PathSets          []pathSet                  `json:"pathSets"`
}

type publishedScheme struct {
	Title        string `json:"adminDisplayName"`
	AdminConsent bool   `json:"requiresAdminConsent"`
	Level        int    `json:"privilegeLevel"`
}

// pathSet grants its methods on its paths in its schemes. The value of a path
// carries marks: "least=SCHEME,SCHEME" and "AlsoRequires=NAME,NAME".
type pathSet struct {
	SchemeKeys []string          `json:"schemeKeys"`
	Methods    []string          `json:"methods"`
	Paths      map[string]string `json:"paths"`
}

// deployed is Microsoft's provisioningInfo.json.
type deployed struct {
	Deployments map[string][]deployment `json:"permissionDeployments"`
}

type deployment struct {
	ID          string `json:"id"`
	Scheme      string `json:"scheme"`
	Environment string `json:"environment"`
	Hidden      bool   `json:"isHidden"`
	Enabled     bool   `json:"isEnabled"`
}

// public says whether the deployment is in the public cloud: the environment
// is a list parted by semicolons.
func (d deployment) public() bool {
	for env := range strings.SplitSeq(d.Environment, ";") {
		if strings.EqualFold(env, "public") {
			return true
		}
	}
	return false
}

func read(file string, into any) error {
	text, err := unpack(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("reading %s: %w", file, err)
	}
	return nil
}

// marks reads the value of a path.
func marks(value string) (least map[string]bool, also []string, err error) {
	least = map[string]bool{}
	for part := range strings.SplitSeq(value, ";") {
		name, list, _ := strings.Cut(part, "=")
		switch name {
		case "":
		case "least":
			for scheme := range strings.SplitSeq(list, ",") {
				least[scheme] = true
			}
		case "AlsoRequires":
			also = strings.Split(list, ",")
		default:
			return nil, nil, fmt.Errorf("unknown mark %q", part)
		}
	}
	return least, also, nil
}
