package csdl_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/edm/internal/csdl"
)

const document = `<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="microsoft.graph" Alias="graph" xmlns="http://docs.oasis-open.org/odata/ns/edm">
  <EnumType Name="colour"><Member Name="red" Value="0"/><Member Name="blue" Value="1"/></EnumType>
  <EnumType Name="rights" IsFlags="true"><Member Name="read" Value="1"/></EnumType>
  <EntityType Name="entity" Abstract="true"><Key><PropertyRef Name="id"/></Key><Property Name="id" Type="Edm.String" Nullable="false"/></EntityType>
  <EntityType Name="thing" BaseType="graph.entity" OpenType="true">
    <Property Name="colours" Type="Collection(graph.colour)"><Annotation Term="Org.OData.Core.V1.Description" String="left out"/></Property>
    <NavigationProperty Name="parts" Type="Collection(microsoft.graph.store.part)" ContainsTarget="true"/>
    <NavigationProperty Name="owner" Type="graph.thing" Nullable="false"/>
    <Annotation Term="Org.OData.Core.V1.AlternateKeys"><Collection><Record Type="Org.OData.Core.V1.AlternateKey">
      <PropertyValue Property="Key"><Collection><Record Type="Org.OData.Core.V1.PropertyRef">
        <PropertyValue Property="Alias" String="label"/><PropertyValue Property="Name" PropertyPath="label"/>
      </Record></Collection></PropertyValue></Record></Collection></Annotation>
  </EntityType>
  <Action Name="paint" IsBound="true"><Parameter Name="bindingParameter" Type="graph.thing"/><Parameter Name="with" Type="graph.colour" Nullable="false"/></Action>
  <Function Name="delta" IsBound="true"><Parameter Name="bindingParameter" Type="Collection(graph.thing)"/><ReturnType Type="Collection(graph.thing)"/></Function>
  <Function Name="unbound"><ReturnType Type="Edm.String"/></Function>
  <EntityContainer Name="c"><EntitySet Name="things" EntityType="microsoft.graph.thing"/><Singleton Name="me" Type="microsoft.graph.thing"/></EntityContainer>
</Schema>
<Schema Namespace="microsoft.graph.store" Alias="self" xmlns="http://docs.oasis-open.org/odata/ns/edm">
  <ComplexType Name="part"><Property Name="kin" Type="Collection(self.part)"/><Property Name="thing" Type="graph.thing"/></ComplexType>
</Schema></edmx:DataServices></edmx:Edmx>`

const facts = `enum colour red blue
flags rights read
entity entity - abstract
k id
p id Edm.String !
entity thing entity open
a label
p colours []colour
n parts []store.part contained
n owner thing !
action paint thing -
p with colour !
function delta []thing []thing
set things thing
single me thing
complex store.part -
p kin []store.part
p thing thing
`

func TestCompactKeepsFactsOnly(t *testing.T) {
	packed, err := csdl.Compact(strings.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != facts {
		t.Errorf("facts are\n%s, want\n%s", text, facts)
	}
	if again, err := csdl.Compact(strings.NewReader(document)); err != nil || !bytes.Equal(packed, again) {
		t.Errorf("the same schema gives other bytes: %v", err)
	}
}

func TestSchemaThatDoesNotReadIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"no XML":     "x",
		"no schema":  "<Edmx><DataServices/></Edmx>",
		"broken off": "<Edmx><DataServices><Schema",
	} {
		if _, err := csdl.Compact(strings.NewReader(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
