/** Attacks on a product in a separate process, and a probe that measures their effect on another account. */
package io.engagementwebhooks.testkit.adversary;
