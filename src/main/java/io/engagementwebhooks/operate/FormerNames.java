package io.engagementwebhooks.operate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Former names of steps, {@code direct:} endpoints, exchange properties and options that routes may use, each with its successor.
 * The check of routes names the successor of a former name.
 */
final class FormerNames {

    private static final Map<String, String> SUCCESSORS = Map.ofEntries(
            Map.entry("problemAnswer", "buildProblemResponse"),
            Map.entry("ingestAuthentication", "authenticateCaller"),
            Map.entry("accountNaming", "resolveAccount"),
            Map.entry("eventReading", "readEvents"),
            Map.entry("webhookLookup", "lookUpWebhooks"),
            Map.entry("acceptedAnswer", "buildAcceptedResponse"),
            Map.entry("kafkaReading", "readKafkaRecords"),
            Map.entry("kafkaSlices", "sliceKafkaRecords"),
            Map.entry("kafkaDeadLetters", "collectKafkaDeadLetters"),
            Map.entry("kafkaCommit", "commitKafkaOffsets"),
            Map.entry("requestBuilding", "buildRequest"),
            Map.entry("requestSigning", "signRequest"),
            Map.entry("headerAuthorization", "authorizeByHeader"),
            Map.entry("oauth2Authorization", "authorizeByOAuth2"),
            Map.entry("oauth2TokenRenewal", "renewRefusedToken"),
            Map.entry("answerJudging", "judgeResponse"),
            Map.entry("failureJudging", "judgeFailure"),
            Map.entry("salesforceRecord", "buildSalesforceRecord"),
            Map.entry("salesforceFitting", "fitSalesforceRecord"),
            Map.entry("salesforceBatching", "writeSalesforceBatch"),
            Map.entry("salesforceJudge", "judgeSalesforceResponse"),
            Map.entry("salesforceFailures", "judgeSalesforceFailure"),
            Map.entry("enrichmentBuilding", "buildEnrichment"),
            Map.entry("enrichmentNumbering", "numberEnrichment"),
            Map.entry("enrichmentBatching", "sendEnrichmentBatch"),
            Map.entry("enrichmentTurn", "lockEnrichment"),
            Map.entry("recordTurn", "lockSalesforceRecord"),
            Map.entry("enrichmentJudging", "judgeEnrichment"),
            Map.entry("webhookNaming", "resolveWebhook"),
            Map.entry("webhookSigning", "signMessage"),
            Map.entry("outcomeTelling", "throwOnFailure"),
            Map.entry("outcomeRecording", "recordOutcome"),
            Map.entry("webhookNamed", "webhookRef"),
            Map.entry("webhookSendAgain", "webhookResend"),
            Map.entry("setAside", "continueOnConflict"),
            Map.entry("direct:deliver-elsewhere", "direct:deliver-custom"));

    /** Former exchange properties, which Camel accepts silently. */
    private static final Pattern PROPERTY = Pattern.compile("\\b(webhookNamed|webhookSendAgain)\\b");

    private static final Pattern UNKNOWN_OPTION = Pattern.compile("Unknown parameters=\\[\\{(\\w+)=");

    private FormerNames() {}

    /** The sentence that names the successor, such as {@code 'eventReading' is now 'readEvents'}. */
    static Optional<String> successor(String name) {
        return Optional.ofNullable(SUCCESSORS.get(name)).map(now -> "'" + name + "' is now '" + now + "'");
    }

    /** The sentence for an option that Camel reports as unknown. */
    static Optional<String> successorOfOption(String message) {
        Matcher unknown = UNKNOWN_OPTION.matcher(message);
        return unknown.find() ? successor(unknown.group(1)) : Optional.empty();
    }

    /** Faults for former exchange properties in a file, each with its line. */
    static List<String> properties(RouteSet.Text file) {
        List<String> faults = new ArrayList<>();
        String[] lines = file.text().split("\n");
        for (int line = 0; line < lines.length; line++) {
            Matcher former = PROPERTY.matcher(lines[line]);
            if (!lines[line].strip().startsWith("#") && former.find()) {
                String place = file.shown() + ":" + (line + 1) + ": exchange property ";
                successor(former.group(1)).ifPresent(sentence -> faults.add(place + sentence));
            }
        }
        return faults;
    }
}
