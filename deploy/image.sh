#!/usr/bin/env bash
# Makes an OCI image of the product, without Docker and without a registry, on Debian or Ubuntu: the JRE and the libraries are
# packages of this system's sources, and the tar is what `podman load`, `skopeo copy oci-archive:FILE` and `docker load` read.
#
#   deploy/image.sh FOLDER VERSION TIME FILE [ARCHITECTURE]...
#
#   FOLDER          the unpacked archive of a release
#   TIME            seconds since 1970, the time of the files of FOLDER in the image
#   FILE            the tar that it makes
#   ARCHITECTURE    amd64 and arm64 unless given
#
# Three layers: the packages, the product (the same for each architecture) and, for this machine's architecture only, a class-data
# archive for the launcher, for which it runs the product once. Two runs make the same bytes of the first two. Prints the packages, each
# a line of JSON as SLSA has it, followed by a comma.
set -euo pipefail

[ $# -ge 4 ] || { echo "usage: deploy/image.sh FOLDER VERSION TIME FILE [ARCHITECTURE]..." >&2; exit 2; }
folder=$1 version=$2 time=$3 file=$(realpath "$4")
shift 4
umask 022
export TZ=UTC LC_ALL=C
native=$(dpkg --print-architecture)
certificates=$(realpath "${JAVA_HOME:-$(dirname "$(dirname "$(realpath "$(command -v java)")")")}/lib/security/cacerts")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
home=/opt/engagement-webhooks
blobs=$work/oci/blobs/sha256
mkdir -p "$blobs"

# the lists of packages of another architecture, beside this system's own
for_architecture() { # architecture, command
  local state=$work/apt-$1 command=$2
  local options=(-qq -o "APT::Architecture=$1" -o "APT::Architectures=$1" -o "Dir::State=$state" -o "Dir::State::status=$state/status"
    -o "Dir::Cache=$state" -o APT::Sandbox::User=root)
  shift 2
  "$command" "${options[@]}" "$@"
}

layer() { # tar; prints "digest of the blob, digest of the tar, size"
  local made=$work/layer.gz digest
  gzip -nc6 "$1" >"$made"
  digest=$(sha256sum "$made" | cut -d ' ' -f 1)
  mv "$made" "$blobs/$digest"
  echo "$digest $(sha256sum "$1" | cut -d ' ' -f 1) $(stat -c %s "$blobs/$digest")"
}

blob() { # media type of the text on its input; prints its descriptor, without the closing brace
  local digest
  cat >"$work/blob"
  digest=$(sha256sum "$work/blob" | cut -d ' ' -f 1)
  mv "$work/blob" "$blobs/$digest"
  echo "{\"mediaType\": \"$1\", \"digest\": \"sha256:$digest\", \"size\": $(stat -c %s "$blobs/$digest")"
}

root_of() { # architecture: the file system below the product
  local root=$work/root-$1 state=$work/apt-$1 jre name package program
  mkdir -p "$state/lists/partial" "$state/archives/partial" "$state/packages"
  : >"$state/status"
  for_architecture "$1" apt-get update
  jre=$(for_architecture "$1" apt-cache pkgnames openjdk- | grep -x 'openjdk-[0-9]*-jre-headless' | sort -V | tail -n 1)
  (cd "$state/packages" && for_architecture "$1" apt-get download libc6 libgcc-s1 libstdc++6 zlib1g busybox-static "$jre")

  mkdir -p "$root"/usr/{bin,lib,lib64,sbin} "$root"/{data,dev,etc/engagement-webhooks,etc/ssl/certs/java,proc,sys,tmp,var/lib/dpkg/status.d}
  for name in bin lib lib64 sbin; do
    ln -s "usr/$name" "$root/$name"
  done
  for package in "$state"/packages/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -xp --no-same-owner --keep-directory-symlink -C "$root"
    # by these files scanners know the packages
    name=$(dpkg-deb -f "$package" Package)
    dpkg-deb -f "$package" >"$root/var/lib/dpkg/status.d/$name"
    echo "{\"uri\": \"pkg:deb/$(. /etc/os-release && echo "$ID")/$name@$(dpkg-deb -f "$package" Version | sed 's|+|%2B|g; s|:|%3A|g')?arch=$1\"," \
      "\"digest\": {\"sha256\": \"$(sha256sum "$package" | cut -d ' ' -f 1)\"}},"
  done
  find "$root/usr/share" -type f ! -name copyright -delete
  rm -rf "$root"/usr/lib/debug "$root"/usr/lib/jvm/*/lib/ct.sym
  for program in sh cat cp date df dirname env find grep head id kill ls mkdir mv ps pwd readlink rm sed sleep sort tail tr wc wget; do
    ln -s busybox "$root/bin/$program"
  done
  cp "$certificates" "$root/etc/ssl/certs/java/cacerts"
  echo 'root:x:0:0:root:/root:/sbin/nologin
engagement-webhooks:x:65532:65532::/data:/sbin/nologin' >"$root/etc/passwd"
  echo 'root:x:0:
engagement-webhooks:x:65532:' >"$root/etc/group"
  # what packages bring keeps its time: the JVM's own archive is only for a lib/modules of the time that it knows
  find "$root" \( -type d -o -newermt @"$(stat -c %Y "$state/status")" \) -exec touch -hd "@$time" {} +
  chmod 1777 "$root/tmp"
  chmod 700 "$root/data"
}

tar_of() { # file, then options and files
  local made=$1
  shift
  tar --sort=name --owner=0 --group=0 --numeric-owner --format=gnu -cf "$made" "$@"
}

mkdir -p "$work/product$home"
cp -r "$folder/." "$work/product$home/"
chmod -R u=rwX,go=rX "$work/product"
find "$work/product" -exec touch -hd "@$time" {} +
tar_of "$work/product.tar" -C "$work/product" opt
read -r product_blob product_tar product_size < <(layer "$work/product.tar")

[ $# -gt 0 ] || set -- amd64 arm64
manifests=
for each; do
  root=$work/root-$each
  root_of "$each"
  tar_of "$work/base.tar" -C "$root" --exclude=./data .
  tar --owner=65532 --group=65532 --numeric-owner --format=gnu -rf "$work/base.tar" -C "$root" ./data
  read -r base_blob base_tar base_size < <(layer "$work/base.tar")
  layers="{\"mediaType\": \"application/vnd.oci.image.layer.v1.tar+gzip\", \"digest\": \"sha256:$base_blob\", \"size\": $base_size},
  {\"mediaType\": \"application/vnd.oci.image.layer.v1.tar+gzip\", \"digest\": \"sha256:$product_blob\", \"size\": $product_size}"
  tars="\"sha256:$base_tar\", \"sha256:$product_tar\""
  java=$(cd "$root" && find usr/lib/jvm -mindepth 1 -maxdepth 1 -type d -name 'java-*')
  if [ "$each" = "$native" ]; then
    cp -a "$work/product/opt" "$root/"
    making=-XX:ArchiveClassesAtExit
    [[ $java != *java-2[5-9]-* ]] || making=-XX:AOTCacheOutput # as the launcher uses it
    unshare --map-root-user --mount bash -euc '
      mount --rbind /proc "$1/proc"
      mount --rbind /dev "$1/dev"
      exec chroot "$1" /bin/env -i "/$2/bin/java" -Xmx512m "$3" -jar "$4.jar" --trial-run
    ' image.sh "$root" "$java" "$making=$home/engagement-webhooks.jsa" "$home/engagement-webhooks" >&2
    chmod 644 "$root$home/engagement-webhooks.jsa"
    touch -d "@$time" "$root$home/engagement-webhooks.jsa"
    tar_of "$work/archive.tar" -C "$root" "${home#/}/engagement-webhooks.jsa"
    read -r archive_blob archive_tar archive_size < <(layer "$work/archive.tar")
    layers="$layers,
  {\"mediaType\": \"application/vnd.oci.image.layer.v1.tar+gzip\", \"digest\": \"sha256:$archive_blob\", \"size\": $archive_size}"
    tars="$tars, \"sha256:$archive_tar\""
  fi
  config=$(blob application/vnd.oci.image.config.v1+json <<JSON
{"created": "$(date -d "@$time" +%Y-%m-%dT%H:%M:%SZ)", "os": "linux", "architecture": "$each", "config": {
  "User": "65532:65532", "WorkingDir": "/etc/engagement-webhooks", "ExposedPorts": {"8080/tcp": {}, "9876/tcp": {}},
  "Env": ["PATH=/bin", "JAVA_HOME=/$java", "JAVA_OPTS=-XX:MaxRAMPercentage=60", "ENGAGEMENT_WEBHOOKS_CACHE=",
    "WEBHOOKS_STORE_URL=jdbc:sqlite:/data/webhooks.db"],
  "Entrypoint": ["$home/bin/engagement-webhooks"],
  "Labels": {"org.opencontainers.image.title": "Engagement Webhooks", "org.opencontainers.image.version": "$version",
    "org.opencontainers.image.licenses": "Apache-2.0"}},
  "rootfs": {"type": "layers", "diff_ids": [$tars]}}
JSON
  )
  manifest=$(blob application/vnd.oci.image.manifest.v1+json <<JSON
{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": $config}, "layers": [
    $layers]}
JSON
  )
  manifests="${manifests:+$manifests, }$manifest, \"platform\": {\"os\": \"linux\", \"architecture\": \"$each\"}}"
  rm -rf "$root"
done

index=$(blob application/vnd.oci.image.index.v1+json <<JSON
{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [$manifests]}
JSON
)
cat >"$work/oci/index.json" <<JSON
{"schemaVersion": 2, "manifests": [$index, "annotations": {"org.opencontainers.image.ref.name": "$version",
  "io.containerd.image.name": "engagement-webhooks:$version"}}]}
JSON
echo '{"imageLayoutVersion": "1.0.0"}' >"$work/oci/oci-layout"
tar_of "$file" --mtime="@$time" -C "$work/oci" blobs index.json oci-layout
