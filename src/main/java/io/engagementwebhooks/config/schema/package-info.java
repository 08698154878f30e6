/**
 * YAML and JSON with lines, checked by the schema of the configuration, with all faults at once. It knows no kind of
 * definition.
 */
package io.engagementwebhooks.config.schema;
