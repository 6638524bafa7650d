package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"time"
)

// replays are the examples that the checker leaves out.
func replays() []replayed {
	return []replayed{
		{"serviceprincipal-delete-approleassignedto/serviceprincipal_delete_approleassignedto", roleAssignment},
		{"application-removekey/application_removekey", removedKey},
		{"applicationtemplate-instantiate/applicationtemplate_instantiate", template},
		{"application-delete-extensionproperty/delete_extensionproperty", extension},
		{"calendarpermission-delete/delete_calendarpermission", sharing},
		{"directoryobject-validateproperties/ex", misnamed},
		{"directory-deleteditems-delete/delete_directory", deletedItem},
		{"directoryobject-delete/delete_directoryobject", object},
		{"group-validateproperties/ex", takenName},
		{"groupsetting-delete/delete_groupsetting", setting},
		{"serviceprincipal-addkey/serviceprincipal_addkey_1", addedKey},
		{"serviceprincipal-addkey/serviceprincipal_addkey_2", addedSigningKey},
		{"subscription-delete/delete_subscription", subscription},
		{groupEventID, groupEvent},
		{"user-changepassword/user_changepassword", password},
	}
}

func roleAssignment(ctx context.Context, p *props) (victim, error) {
	graph, err := p.graph(ctx)
	if err != nil {
		return victim{}, err
	}
	app, err1 := p.must(ctx, "POST", "/applications", doc{"displayName": p.name("Assigned")})
	principal, err2 := p.must(ctx, "POST", "/servicePrincipals", doc{"appId": app.doc["appId"]})
	role := graph["appRoles"].([]any)[0].(doc)["id"]
	at := "/servicePrincipals/" + graph["id"].(string) + "/appRoleAssignedTo"
	id, err3 := p.id(ctx, at, doc{"principalId": principal.doc["id"], "resourceId": graph["id"], "appRoleId": role})
	return victim{path: at + "/" + id, after: p.gone(at + "/" + id)}, errors.Join(err1, err2, err3)
}

func removedKey(ctx context.Context, p *props) (victim, error) {
	id, key, err := p.keyed(ctx, "/applications")
	if err != nil {
		return victim{}, err
	}
	proof, err := p.proof(id)
	return victim{path: "/applications/" + id + "/removeKey", body: doc{"keyId": key, "proof": proof}, after: func(ctx context.Context) error {
		a, err := p.must(ctx, "GET", "/applications/"+id, nil)
		if keys, _ := a.doc["keyCredentials"].([]any); err == nil && len(keys) > 0 {
			err = fmt.Errorf("its keys afterwards: %v", keys)
		}
		return err
	}}, err
}

func template(context.Context, *props) (victim, error) {
	return victim{path: "/applicationTemplates/8adf8e6e-67b2-4cf2-a259-e3dc5476c621/instantiate"}, nil
}

func extension(ctx context.Context, p *props) (victim, error) {
	app, err1 := p.id(ctx, "/applications", doc{"displayName": p.name("Extended")})
	at := "/applications/" + app + "/extensionProperties"
	id, err2 := p.id(ctx, at, doc{"name": "shoeSize", "dataType": "Integer", "targetObjects": []any{"User"}})
	return victim{path: at + "/" + id, after: p.gone(at + "/" + id)}, errors.Join(err1, err2)
}

func sharing(ctx context.Context, p *props) (victim, error) {
	at := "/users/" + p.Users[0].ID + "/calendar/calendarPermissions"
	p.n++
	with := p.Users[2+p.n%8]
	id, err := p.id(ctx, at, doc{"emailAddress": doc{"name": "Shared", "address": with.UserPrincipalName}, "role": "read", "isInsideOrganization": true, "isRemovable": true})
	return victim{path: at + "/" + id, after: p.gone(at + "/" + id)}, err
}

// misnamed sets the naming policy that the documented error speaks of. It is
// judged for a person whom the policy binds.
func misnamed(ctx context.Context, p *props) (victim, error) {
	id, err := p.setting(ctx)
	if err == nil {
		_, err = p.must(ctx, "PATCH", "/groupSettings/"+id, doc{"values": []any{doc{"name": "PrefixSuffixNamingRequirement", "value": "Myprefix_[GroupName]_mysuffix"}}})
	}
	return victim{path: "/directoryObjects/validateProperties", body: doc{"onBehalfOfUserId": p.Users[3].ID}}, err
}

func deletedItem(ctx context.Context, p *props) (victim, error) {
	app, err1 := p.id(ctx, "/applications", doc{"displayName": p.name("Deleted")})
	_, err2 := p.must(ctx, "DELETE", "/applications/"+app, nil)
	at := "/directory/deletedItems/" + app
	return victim{path: at, after: p.gone(at)}, errors.Join(err1, err2)
}

func object(ctx context.Context, p *props) (victim, error) {
	id, err := p.group(ctx, p.name("Object"))
	return victim{path: "/directoryObjects/" + id, after: p.gone("/groups/" + id)}, err
}

// takenName lets another group have the documented nickname. Only the nickname is
// wrong in the example, so no naming policy stands when it is asked.
func takenName(ctx context.Context, p *props) (victim, error) {
	id, err := p.setting(ctx)
	if err == nil {
		_, err = p.must(ctx, "PATCH", "/groupSettings/"+id, doc{"values": []any{doc{"name": "PrefixSuffixNamingRequirement", "value": ""}}})
	}
	other, err2 := p.group(ctx, p.name("Other"))
	if p.taken == "" && err2 == nil {
		p.taken, err2 = p.group(ctx, "MyPrefix_test_mysuffix")
	}
	return victim{path: "/groups/" + other + "/validateProperties"}, errors.Join(err, err2)
}

func setting(ctx context.Context, p *props) (victim, error) {
	id, err := p.setting(ctx)
	at := "/groupSettings/" + id
	return victim{path: at, after: p.gone(at)}, err
}

// setting gives the id of the tenant's settings of groups, which it makes if they
// are not there.
func (p *props) setting(ctx context.Context) (string, error) {
	a, err := p.must(ctx, "GET", "/groupSettings", nil)
	if list, _ := a.doc["value"].([]any); err == nil && len(list) > 0 {
		id, _ := list[0].(doc)["id"].(string)
		return id, nil
	}
	if err != nil {
		return "", err
	}
	return p.id(ctx, "/groupSettings", doc{"templateId": "62375ab9-6b52-47ed-826b-58e47e0e304b", "values": []any{}})
}

func addedKey(ctx context.Context, p *props) (victim, error) {
	id, _, err := p.keyed(ctx, "/servicePrincipals")
	if err != nil {
		return victim{}, err
	}
	proof, err := p.proof(id)
	key := doc{"type": "AsymmetricX509Cert", "usage": "Verify", "key": base64.StdEncoding.EncodeToString(p.certificate)}
	return victim{path: "/servicePrincipals/" + id + "/addKey", body: doc{"keyCredential": key, "proof": proof}, after: p.keys(id, 2, 0)}, err
}

// addedSigningKey adds a key to sign with, and the password to it.
func addedSigningKey(ctx context.Context, p *props) (victim, error) {
	v, err := addedKey(ctx, p)
	if err != nil {
		return v, err
	}
	id := v.path[len("/servicePrincipals/") : len(v.path)-len("/addKey")]
	v.body["keyCredential"] = doc{"type": "X509CertAndPassword", "usage": "Sign", "key": base64.StdEncoding.EncodeToString(p.certificate)}
	v.after = p.keys(id, 2, 1)
	return v, nil
}

// keys wants so many certificates and passwords of a service principal.
func (p *props) keys(id string, keys, passwords int) func(context.Context) error {
	return func(ctx context.Context) error {
		a, err := p.must(ctx, "GET", "/servicePrincipals/"+id, nil)
		have, _ := a.doc["keyCredentials"].([]any)
		words, _ := a.doc["passwordCredentials"].([]any)
		if err == nil && (len(have) != keys || len(words) != passwords) {
			err = fmt.Errorf("afterwards it has the keys %v and the passwords %v", have, words)
		}
		return err
	}
}

func subscription(ctx context.Context, p *props) (victim, error) {
	body := doc{"changeType": "updated", "notificationUrl": p.receiver.URL, "resource": "users/" + p.Users[0].ID + "/events",
		"expirationDateTime": time.Now().Add(time.Hour).UTC().Format(time.RFC3339), "clientState": "state"}
	a, err := p.call(ctx, "POST", "/subscriptions", p.subscriber, body)
	if err == nil && a.status != 201 {
		err = fmt.Errorf("POST /subscriptions: %d %s", a.status, a.raw)
	}
	at := "/subscriptions/" + a.text("id")
	return victim{path: at, after: p.gone(at)}, err
}

func groupEvent(ctx context.Context, p *props) (victim, error) {
	groups, err := p.must(ctx, "GET", "/groups?$filter=groupTypes/any(c:c eq 'Unified')&$top=1", nil)
	list, _ := groups.doc["value"].([]any)
	if err != nil || len(list) == 0 {
		return victim{}, fmt.Errorf("finding a group with a calendar: %w", err)
	}
	at := "/groups/" + list[0].(doc)["id"].(string) + "/events"
	when := doc{"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"}
	a, err := p.call(ctx, "POST", at, p.Tokens.Admin, doc{"subject": "Victim", "start": when, "end": when})
	if err == nil && a.status != 201 {
		err = fmt.Errorf("POST %s: %d %s", at, a.status, a.raw)
	}
	return victim{path: at + "/" + a.text("id")}, err
}

func password(_ context.Context, p *props) (victim, error) {
	v := victim{path: "/me/changePassword", body: doc{"currentPassword": p.Users[0].Password}}
	p.Users[0].Password = "0eM85N54wFxWwvJ]" // the documented new one
	return v, nil
}
