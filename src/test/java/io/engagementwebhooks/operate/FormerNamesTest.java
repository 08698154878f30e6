package io.engagementwebhooks.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The check of routes names the successor of a former name. */
class FormerNamesTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{process: {id: a, ref: eventReading}}              | 'eventReading' is now 'readEvents'",
                "{to: {id: a, uri: 'direct:deliver-elsewhere'}}     | 'direct:deliver-elsewhere' is now 'direct:deliver-custom'",
                "{setProperty: {id: a, name: webhookNamed, constant: acme/crm}} | exchange property 'webhookNamed' is now 'webhookRef'",
                "{to: {id: a, uri: 'outbox:accept', parameters: {setAside: true}}} | 'setAside' is now 'continueOnConflict'"
            })
    void a_former_name_is_a_fault_that_names_its_successor(String step, String sentence) {
        String route = "- route: {id: own, from: {uri: 'direct:own', steps: [" + step + "]}}";
        String file = folder.resolve("60-own.camel.yaml").toString();
        List<String> faults = RouteCheck.faults(
                new RouteSet(
                        List.of(new RouteSet.Text("file:" + file, route.getBytes(StandardCharsets.UTF_8))),
                        Map.of(),
                        List.of()),
                folder.toString(),
                Settings.read(folder, Map.of(), new Properties()));

        assertEquals(1, faults.size(), faults::toString);
        assertTrue(faults.get(0).startsWith(file), faults::toString);
        assertTrue(faults.get(0).contains(sentence), faults::toString);
    }
}
