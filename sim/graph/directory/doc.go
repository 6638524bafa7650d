// Package directory is the family of simulated Graph's routes for the directory:
// users, groups, organisation and domains, applications and service principals
// with what is granted to them, directory roles, deleted items, and the delta
// queries on all of these. It promises answers that are valid against
// Microsoft's schema and the errors that Microsoft documents. It refuses what
// belongs to licences, lifecycle policies and group settings.
package directory
