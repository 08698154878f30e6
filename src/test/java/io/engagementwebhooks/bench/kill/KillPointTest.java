package io.engagementwebhooks.bench.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Modifier;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whether the harness means what it says. */
class KillPointTest {

    /** Of two methods with one name that call each other each pass would count twice. */
    @ParameterizedTest
    @EnumSource
    void a_point_is_one_method_of_each_store(KillPoint point) throws ClassNotFoundException {
        for (KillPoint.Method method : point.methods) {
            long found = Arrays.stream(Class.forName(method.type()).getDeclaredMethods())
                    .filter(each -> each.getName().equals(method.name()))
                    .filter(each -> !each.isSynthetic() && !Modifier.isAbstract(each.getModifiers()))
                    .count();
            assertEquals(1, found, method.type() + "." + method.name());
        }
    }
}
