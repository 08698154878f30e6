/**
 * The Salesforce branch of the deliver routes: builds records, opens the org's session, and maps responses to outcomes.
 * Camel's Salesforce component makes the calls, one instance per connection.
 */
package io.engagementwebhooks.deliver.salesforce;
