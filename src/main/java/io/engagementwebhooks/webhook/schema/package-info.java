/** JSON Schema 2020-12 of event data, as accounts write it: compiled with bounds, checked in bounded steps. */
package io.engagementwebhooks.webhook.schema;
