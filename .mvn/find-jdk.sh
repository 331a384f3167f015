# Sourced by ./mvnw, ./sluice and bin/sluice: points JAVA_HOME at a JDK new enough for Sluice, wherever the machine keeps it.
SLUICE_JDK=25

java_release() { # prints the feature release of the JDK or JRE in $1, or nothing where there is none
  [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 0
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

find_jdk() { # $1: the program that it must have, javac to build and java to run
  on_path=$(command -v java 2>/dev/null || true)
  [ -n "$on_path" ] && on_path=$(dirname "$(dirname "$(readlink -f "$on_path" 2>/dev/null || echo "$on_path")")")
  for candidate in "${JAVA_HOME:-}" "$on_path" /usr/lib/jvm/* /opt/java/* /opt/jdk* "$HOME"/.sdkman/candidates/java/* \
    "$HOME"/.jdks/* "$HOME"/.local/share/mise/installs/java/* "$HOME"/.asdf/installs/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    [ -n "$candidate" ] && [ -x "$candidate/bin/$1" ] || continue
    release=$(java_release "$candidate")
    if [ -n "$release" ] && [ "$release" -ge "$SLUICE_JDK" ]; then
      JAVA_HOME=$candidate
      export JAVA_HOME
      return 0
    fi
  done
  echo "Sluice needs Java $SLUICE_JDK or newer and found none: install a JDK $SLUICE_JDK (for example Eclipse Temurin), or set JAVA_HOME to one." >&2
  return 1
}
