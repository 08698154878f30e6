/** The Engagement Builder in the browser: pages made on the server, which ask the steps of the REST API for everything. */
package io.engagementwebhooks.console.pages;
