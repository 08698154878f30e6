/**
 * Definitions of OAuth clients, connections, keys and event types: takes JSON, checks it by the rules of the
 * configuration file, and stores it. It answers without secrets.
 */
package io.engagementwebhooks.api.definition;
