# The inspector: a layer that draws (gui), the views (inspect), and a module with all that needs a
# graphics library, which is loaded only when a window or a picture is asked for.
add_library(zf_gui STATIC
  gui/draw.c
  gui/export.c
  gui/gui.c
  gui/load.c
  gui/palette.c
  gui/slider.c
  gui/sort.c
  gui/table.c
  gui/text_out.c
  gui/widget.c)
target_include_directories(zf_gui PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(zf_gui PUBLIC PkgConfig::JANSSON m ${CMAKE_DL_LIBS})

add_library(zf_inspect STATIC
  inspect/facility_state.c
  inspect/frame.c
  inspect/guest.c
  inspect/memory.c
  inspect/inspector.c
  inspect/session.c
  inspect/fact.c
  inspect/identity.c
  inspect/view_compare.c
  inspect/view_coverage.c
  inspect/view_findings.c
  inspect/view_insns.c
  inspect/view_matrix.c
  inspect/view_migration.c
  inspect/view_model.c
  inspect/view_run.c
  inspect/run_blocks.c
  inspect/run_choose.c
  inspect/run_code.c
  inspect/run_console.c
  inspect/run_state.c
  inspect/run_time.c
  inspect/watch.c
  inspect/watch_code.c
  inspect/watch_copy.c
  inspect/view_models.c)
# texts are cut to their cells on purpose
target_compile_options(zf_inspect PRIVATE $<$<C_COMPILER_ID:GNU>:-Wno-format-truncation>)
target_link_libraries(zf_inspect PUBLIC zf_gui zf_ui_check zf_ui_mix zf_ui_run zf_control zf_roms)

option(ZFACET_WINDOW "build the window of 'zfacet inspect'; without it, the views are text" ON)
if(ZFACET_WINDOW)
  set(missing)
  foreach(package sdl2=libsdl2-dev SDL2_ttf=libsdl2-ttf-dev fontconfig=libfontconfig-dev libpng=libpng-dev)
    string(REPLACE "=" ";" pair ${package})
    list(GET pair 0 module)
    list(GET pair 1 debian)
    pkg_check_modules(ZF_${module} QUIET IMPORTED_TARGET GLOBAL ${module})
    if(NOT ZF_${module}_FOUND)
      list(APPEND missing ${debian})
    endif()
  endforeach()
  if(missing)
    list(JOIN missing " " missing)
    message(FATAL_ERROR "The window of 'zfacet inspect' needs ${missing}.\n"
      "Debian: apt-get install ${missing}\n"
      "Or build without the window: cmake -DZFACET_WINDOW=OFF (--text, --json and --csv stay).")
  endif()
  add_library(zfacet_window MODULE
    gui/palette.c
    gui/draw.c
    gui/pixel/font.c
    gui/pixel/canvas.c
    gui/pixel/png.c
    gui/pixel/event.c
    gui/pixel/window.c)
  target_include_directories(zfacet_window PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(zfacet_window PRIVATE PkgConfig::ZF_sdl2 PkgConfig::ZF_SDL2_ttf
    PkgConfig::ZF_fontconfig PkgConfig::ZF_libpng m)
  set_target_properties(zfacet_window PROPERTIES PREFIX "" C_VISIBILITY_PRESET default)
  # Relative, so that --prefix and DESTDIR apply; the program finds it from its own place.
  set(module_directory ${CMAKE_INSTALL_LIBDIR}/zfacet)
  install(TARGETS zfacet_window LIBRARY DESTINATION ${module_directory} COMPONENT window)
  install(FILES desktop/zfacet.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications COMPONENT window)
  install(FILES desktop/zfacet.svg DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps COMPONENT window)
  file(RELATIVE_PATH module_path /prefix/${CMAKE_INSTALL_BINDIR} /prefix/${module_directory})
  set_source_files_properties(gui/load.c PROPERTIES COMPILE_DEFINITIONS ZF_MODULE_PATH="${module_path}")
endif()
