/** Texts, numbers and charts of pages. They take values of the API and know no request. */
package io.engagementwebhooks.console.text;
