package io.engagementwebhooks.operate.jmx;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanParameterInfo;
import javax.management.StandardMBean;

/** An MXBean with the {@link Described} texts of its interface. */
final class DescribedBean extends StandardMBean {

    private final Class<?> face;

    <T> DescribedBean(T bean, Class<T> face) {
        super(bean, face, true);
        this.face = face;
    }

    @Override
    protected String getDescription(MBeanInfo info) {
        return face.getAnnotation(Described.class).value();
    }

    @Override
    protected String getDescription(MBeanAttributeInfo info) {
        String name = info.getName();
        return described(Stream.of("get" + name, "is" + name).flatMap(getter -> named(getter, 0)));
    }

    @Override
    protected String getDescription(MBeanOperationInfo info) {
        return described(named(info.getName(), info.getSignature().length));
    }

    @Override
    protected String getParameterName(MBeanOperationInfo operation, MBeanParameterInfo parameter, int sequence) {
        return named(operation.getName(), operation.getSignature().length)
                .map(method -> method.getParameterAnnotations()[sequence])
                .flatMap(Arrays::stream)
                .filter(Described.class::isInstance)
                .map(Described.class::cast)
                .map(Described::value)
                .findFirst()
                .orElseThrow(() -> missing(operation.getName()));
    }

    @Override
    protected String getDescription(MBeanOperationInfo operation, MBeanParameterInfo parameter, int sequence) {
        return getParameterName(operation, parameter, sequence);
    }

    @Override
    protected int getImpact(MBeanOperationInfo info) {
        boolean reads = named(info.getName(), info.getSignature().length)
                .anyMatch(method -> method.isAnnotationPresent(ReadOnly.class));
        return reads ? MBeanOperationInfo.INFO : MBeanOperationInfo.ACTION;
    }

    private Stream<Method> named(String name, int parameters) {
        return Arrays.stream(face.getMethods())
                .filter(method -> method.getName().equals(name) && method.getParameterCount() == parameters);
    }

    private String described(Stream<Method> methods) {
        return methods.map(method -> method.<Described>getAnnotation(Described.class))
                .filter(Annotation.class::isInstance)
                .map(Described::value)
                .findFirst()
                .orElseThrow(() -> missing(face.getSimpleName()));
    }

    private IllegalStateException missing(String what) {
        return new IllegalStateException(face.getName() + ": something of '" + what + "' is not described");
    }
}
