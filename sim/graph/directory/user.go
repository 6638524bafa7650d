package directory

import (
	"net/http"
	"strings"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
)

// createUser makes a user (graph-facts §8; user-post-users).
func createUser(c *wire.Call, set wire.Doc) (world.Object, error) {
	if err := require(set, "User", "accountEnabled", "displayName", "mailNickname", "userPrincipalName", "passwordProfile"); err != nil {
		return world.Object{}, err
	}
	profile, _ := set["passwordProfile"].(wire.Doc)
	if err := require(profile, "User", "password"); err != nil {
		return world.Object{}, err
	}
	delete(set, "passwordProfile")
	if err := checkUser(c, world.Object{}, set); err != nil {
		return world.Object{}, err
	}
	o := c.World.NewUser(c.Tx, set)
	return o, setPassword(c, o, profile)
}

// changeUser updates a user (user-update). What could be used to take over the
// account of an administrator is for higher administrators.
func changeUser(c *wire.Call, o world.Object, set wire.Doc) error {
	for _, name := range []string{"accountEnabled", "passwordProfile", "businessPhones", "mobilePhone", "otherMails", "userPrincipalName"} {
		if _, sets := set[name]; !sets {
			continue
		}
		if err := maySensitive(c, o); err != nil {
			return err
		}
	}
	if profile, ok := set["passwordProfile"].(wire.Doc); ok {
		if err := setPassword(c, o, profile); err != nil {
			return err
		}
		set["lastPasswordChangeDateTime"] = world.Time(c.Now)
	}
	delete(set, "passwordProfile")
	return checkUser(c, o, set)
}

// checkUser holds the names of a user to the tenant's domains and to those of
// the other users.
func checkUser(c *wire.Call, o world.Object, set wire.Doc) error {
	if upn, ok := set["userPrincipalName"].(string); ok {
		_, domain, found := strings.Cut(upn, "@")
		if !found || !c.World.IsVerified(domain) {
			return bad("The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.")
		}
	}
	for _, name := range []string{"userPrincipalName", "mail"} {
		if err := unique(c, o, name, set[name], "user"); err != nil {
			return err
		}
	}
	return unique(c, o, "mail", set["mail"], "group")
}

// setPassword takes over a passwordProfile. One without a password changes only
// whether the user must choose another at the next sign-in.
func setPassword(c *wire.Call, o world.Object, profile wire.Doc) error {
	have, _ := c.World.Passwords.Get(c.Tx, o.ID)
	text, force := have.Text, have.ForceChange
	if given, ok := profile["password"].(string); ok {
		if !world.IsStrongPassword(given) {
			return weakPassword()
		}
		// A password that somebody else has set is to be changed, unless he says
		// otherwise (Microsoft Graph, "passwordProfile resource type").
		text, force = given, true
	}
	if v, ok := profile["forceChangePasswordNextSignIn"].(bool); ok {
		force = v
	}
	c.World.SetPassword(c.Tx, o.ID, text, force)
	return nil
}

func weakPassword() error {
	return bad("The specified password does not comply with password complexity requirements. Please provide a different password.")
}

func userRoutes() []wire.Route {
	user, _ := kindOf("user")
	act := func(name string, handle func(*wire.Call) (wire.Answer, error)) wire.Route {
		return wire.Route{Method: "POST", Path: user.path() + "/" + name, Body: wire.Action, Handle: handle}
	}
	reprocess := act("reprocessLicenseAssignment", user.on(changeUsers, world.Update, show))
	reprocess.Type, reprocess.Default, reprocess.Context = "user", defaults(), "users"
	return []wire.Route{
		act("changePassword", user.on(anyone, world.Update, changePassword)),
		act("revokeSignInSessions", user.on(anyone, world.Update, revokeSignIns)),
		reprocess,
		{Method: "GET", Path: user.path() + "/licenseDetails", Type: "licenseDetails", Query: wire.Offers{Directory: true},
			Handle: user.on(anyone, world.Read, licenseDetails)},
	}
}

// changePassword lets a user change his own password (user-changepassword).
func changePassword(c *wire.Call, o world.Object) (wire.Answer, error) {
	if o.ID != c.Caller.User {
		return wire.Answer{}, wire.NoPrivilege()
	}
	have, _ := c.World.Passwords.Get(c.Tx, o.ID)
	now, next := world.Text(c.Body, "currentPassword"), world.Text(c.Body, "newPassword")
	switch {
	case now != have.Text:
		return wire.Answer{}, bad("The specified password does not match the current password. Please check the current password and try again.")
	case !world.IsStrongPassword(next) || next == now:
		return wire.Answer{}, weakPassword()
	}
	c.World.SetPassword(c.Tx, o.ID, next, false)
	c.World.ChangeObject(c.Tx, o, wire.Doc{"lastPasswordChangeDateTime": world.Time(c.Now)})
	return wire.Empty(http.StatusNoContent), nil
}

// revokeSignIns ends the sessions of a user: one's own, or another's by right
// (graph-facts §1.6, §8).
func revokeSignIns(c *wire.Call, o world.Object) (wire.Answer, error) {
	if o.ID != c.Caller.User {
		if err := mayChange(c, changePasswords, o); err != nil {
			return wire.Answer{}, err
		}
	}
	c.World.RevokeSignIns(c.Tx, o)
	return wire.Value("Edm.Boolean", true), nil
}

// licenseDetails tells of the licences assigned to a user. The tenant knows
// licences by their ids alone, so it names no plans of theirs.
func licenseDetails(_ *wire.Call, o world.Object) (wire.Answer, error) {
	assigned, _ := o.Doc["assignedLicenses"].([]any)
	var docs []wire.Doc
	for _, v := range assigned {
		l, _ := v.(wire.Doc)
		docs = append(docs, wire.Doc{"id": world.Text(l, "skuId"), "skuId": l["skuId"], "skuPartNumber": nil, "servicePlans": []any{}})
	}
	return wire.List(docs), nil
}
