/** The pages of the Settings. Their forms come from the schema. */
package io.engagementwebhooks.console.settings;
