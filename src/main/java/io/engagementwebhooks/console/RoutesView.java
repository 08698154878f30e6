package io.engagementwebhooks.console;

import java.util.List;

/**
 * How the routes that run stand to their files, as the API shows it.
 *
 * @param current whether they are what the files say
 * @param since when it became so
 * @param faults each with its file and line; null: they are for the operator alone
 */
public record RoutesView(boolean current, String since, List<String> faults) {}
