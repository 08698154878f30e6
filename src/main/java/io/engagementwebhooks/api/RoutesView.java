package io.engagementwebhooks.api;

import java.util.List;

/**
 * The running routes compared with their files, in the API.
 *
 * @param current whether they are those of the files
 * @param since since when
 * @param faults each with its file and line; null: only for the operator
 */
public record RoutesView(boolean current, String since, List<String> faults) {}
