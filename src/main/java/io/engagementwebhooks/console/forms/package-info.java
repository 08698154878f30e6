/**
 * Forms: fields come from the schema of the configuration, and a submitted form becomes a definition. They know no
 * page.
 */
package io.engagementwebhooks.console.forms;
