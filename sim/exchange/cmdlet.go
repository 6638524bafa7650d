package exchange

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/sim/world"
)

// cmdlet is a command of Exchange Online PowerShell.
type cmdlet struct {
	name string
	// needs are parameters without which it does not run, takes the others.
	needs, takes []string
	writes       bool
	confirms     bool // asks before it acts, unless Confirm is false
	run          func(*call) ([]Doc, error)
}

// common are the parameters that every cmdlet takes.
func common() []string {
	return []string{"Confirm", "WhatIf", "ErrorAction", "Verbose", "Debug", "WarningAction"}
}

// find finds the cmdlet, as far as the caller's roles hold it. Whoever has no role
// for a cmdlet hears that there is none (field), and an app without a directory
// role that it is not supported.
func (c *call) find(name string) error {
	unknown := &problem{http.StatusBadRequest, "BadRequest", unknownKind,
		fmt.Sprintf("The term '%s' is not recognized as the name of a cmdlet, function, script file, or operable program. Check the spelling of the name, or if a path was included, verify that the path is correct and try again.", name)}
	c.cmdlet = c.cmdlets[strings.ToLower(name)]
	roles := c.caller.DirRoles
	administrates := slices.Contains(roles, world.GlobalAdministrator) || slices.Contains(roles, world.ExchangeAdministrator)
	reads := administrates || slices.Contains(roles, world.GlobalReader)
	switch {
	case c.caller.Delegated() && !slices.Contains(c.caller.Scopes, world.ExchangeManage),
		!c.caller.Delegated() && !slices.Contains(c.caller.Roles, world.ExchangeManageAsApp):
		return &problem{http.StatusForbidden, "Forbidden", "", "The token does not hold the permission that Exchange administration needs."}
	case !c.caller.Delegated() && !reads:
		return &problem{http.StatusForbidden, "Forbidden", "", fmt.Sprintf("The role assigned to application %s isn't supported in this scenario. Please check online documentation for assigning correct Directory Roles to Azure AD Application for EXO App-Only Authentication.", c.caller.AppID)}
	case c.cmdlet.name == "":
		c.Log.Warn("not simulated, refused", "cmdlet", name)
		return unknown
	case c.cmdlet.writes && !administrates, !reads:
		return unknown
	}
	return nil
}

// bind takes the parameters; one that the cmdlet does not have is refused.
func (c *call) bind(given map[string]any) error {
	known := slices.Concat(c.cmdlet.needs, c.cmdlet.takes, common())
	for name, value := range given {
		if !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, name) }) {
			return bad(bindingKind, "A parameter cannot be found that matches parameter name '%s'.", name)
		}
		c.given[strings.ToLower(name)] = value
	}
	var missing []string
	for _, name := range c.cmdlet.needs {
		if v, ok := c.given[strings.ToLower(name)]; !ok || v == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return bad(bindingKind, "Cannot process command because of one or more missing mandatory parameters: %s.", strings.Join(missing, " "))
	}
	if c.cmdlet.confirms && !c.off("Confirm") {
		return bad(hostKind, "A command that prompts the user failed because the host program or the command type does not support user interaction.")
	}
	return nil
}

// text gives a parameter that is one text.
func (c *call) text(name string) string {
	switch v := c.given[strings.ToLower(name)].(type) {
	case string:
		return v
	case []any:
		if len(v) == 1 {
			s, _ := v[0].(string)
			return s
		}
	}
	return ""
}

// texts gives a parameter that is a list.
func (c *call) texts(name string) []string {
	list, ok := c.given[strings.ToLower(name)].([]any)
	if !ok {
		if s := c.text(name); s != "" {
			return []string{s}
		}
		return nil
	}
	var out []string
	for _, v := range list {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

func (c *call) has(name string) bool { _, ok := c.given[strings.ToLower(name)]; return ok }

func (c *call) off(name string) bool {
	v := c.given[strings.ToLower(name)]
	return v == false || strings.EqualFold(fmt.Sprint(v), "false") || strings.EqualFold(fmt.Sprint(v), "$false")
}

// wet says whether the cmdlet is to act, and notes what on.
func (c *call) wet(object string, effect world.EffectKind) bool {
	if v := fmt.Sprint(c.given["whatif"]); strings.EqualFold(v, "true") {
		return false
	}
	c.changed, c.effect = object, effect
	return true
}

// limit is how many rows ResultSize wants.
func (c *call) limit(rows []Doc) []Doc {
	size := fmt.Sprint(c.given["resultsize"])
	n := 1000 // the default, with a warning when there are more
	if _, err := fmt.Sscanf(size, "%d", &n); err != nil && strings.EqualFold(size, "Unlimited") {
		return rows
	}
	if n < len(rows) {
		c.warnings = append(c.warnings, fmt.Sprintf("There are more results available than are currently displayed. To view them, increase the value for the ResultSize parameter. The first %d are shown.", n))
		return rows[:n]
	}
	return rows
}
