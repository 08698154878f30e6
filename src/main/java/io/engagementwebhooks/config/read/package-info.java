/**
 * Readers: each takes the checked mapping of one kind of definition and gives its domain object. A reader knows rules
 * between keys; the schema has checked the values.
 */
package io.engagementwebhooks.config.read;
