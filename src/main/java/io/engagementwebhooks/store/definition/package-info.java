/** Definitions, ids, settings, sessions and the audit log. Definitions are encrypted before they come here. */
package io.engagementwebhooks.store.definition;
